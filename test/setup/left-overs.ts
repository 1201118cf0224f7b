/** Fails the whole run when a test left one of our processes behind. */
import {readdir, readFile} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'

/** Set in every process that the tests start, and inherited by whatever those start. */
const MARK = 'PROOFLOAD_TEST_RUN'
const PATIENCE_MS = 5000

export function setup(): void {
  process.env[MARK] = String(process.pid)
}

/** A child that was told to end gets a moment for it; what is still there then was forgotten. */
export async function teardown(): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  let left = await leftOvers()
  while (left.length > 0 && performance.now() < end) {
    await sleep(100)
    left = await leftOvers()
  }
  if (left.length > 0) throw new Error(`the tests left processes behind:\n${left.join('\n')}`)
}

/** Processes of ours that carry the mark in their environment; readable on Linux, where CI runs. */
async function leftOvers(): Promise<string[]> {
  const entries = await readdir('/proc').catch(() => [])
  const found = await Promise.all(entries.filter((entry) => /^\d+$/.test(entry)).map(describe))
  return found.filter((line) => line !== undefined)
}

async function describe(pid: string): Promise<string | undefined> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8')
    if (!environment.includes(`${MARK}=${process.pid}`)) return undefined
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim()
    return /vitest|esbuild/.test(command) || command === '' ? undefined : `${pid} ${command}`
  } catch {
    return undefined
  }
}
