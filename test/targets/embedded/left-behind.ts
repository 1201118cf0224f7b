/** A temporary directory of a test's own, in which servers keep their private ones: empty means nothing was left. */
import {chmod, mkdtemp, readdir, rm} from 'node:fs/promises'
import {connect} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** Also the postgres user may enter it. */
export async function ownTemporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'proofload-test-'))
  await chmod(directory, 0o755)
  return directory
}

export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, {recursive: true, force: true})
}

/** Resolves once the condition holds; the test's own limit ends the waiting. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

export async function isEmpty(directory: string): Promise<boolean> {
  return (await readdir(directory)).length === 0
}

/** Whether anybody listens there. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({port, host: '127.0.0.1'}, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

export async function nothingIsLeft(directory: string, ports: readonly number[]): Promise<void> {
  await until(async () => (await isEmpty(directory)) && !(await Promise.all(ports.map(answers))).includes(true))
}
