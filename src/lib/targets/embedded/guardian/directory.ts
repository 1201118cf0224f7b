/** The private directory of one server, which also another user (`postgres`, when we are root) can reach. */
import {chmod, mkdtemp, stat} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'

const ENTERABLE_BY_OTHERS = 0o001

/** Makes a fresh directory under the system's temporary one; entering it is allowed, listing it is not. */
export async function privateDirectory(server: string): Promise<string> {
  const directory = await mkdtemp(join(await temporaryRoot(), `proofload-${server}-`))
  await chmod(directory, 0o711)
  return directory
}

/** As root the server runs as another user, who may not be able to enter a TMPDIR of root's own. */
async function temporaryRoot(): Promise<string> {
  const usual = tmpdir()
  if (process.getuid?.() !== 0) return usual
  return (await othersMayEnter(usual)) ? usual : '/tmp'
}

/** Whether every user may go down to this folder: each one on the way must let them. */
export async function othersMayEnter(path: string): Promise<boolean> {
  const {mode} = await stat(path)
  if ((mode & ENTERABLE_BY_OTHERS) === 0) return false
  return dirname(path) === path || othersMayEnter(dirname(path))
}
