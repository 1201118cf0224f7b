/** Journals and locks of the tests' own runs are kept apart from the user's. */
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

export async function setup(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'proofload-state-'))
  process.env['PROOFLOAD_STATE'] = directory
  return () => rm(directory, {recursive: true, force: true})
}
