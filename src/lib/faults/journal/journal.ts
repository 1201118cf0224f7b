/** Writes a run's journal, one line at a time, so that whoever comes after a crash knows what to put back. */
import {closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, writeSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {UsageError} from '../../base/errors.js'
import type {JournalRecord, Writer} from './records.js'

/** Journals that are kept for reading when their run is over and nothing is left of it. */
const KEPT = 50

/** Writes whole lines; `sync` waits until the disk has it. */
export class Journal implements Disposable {
  readonly #file: number | undefined

  constructor(readonly path: string) {
    this.#file = openSync(path, 'ax', 0o600)
    syncDirectory(dirname(path))
  }

  write(record: JournalRecord, {sync = false}: {readonly sync?: boolean} = {}): void {
    if (this.#file === undefined) return
    writeSync(this.#file, `${JSON.stringify(record)}\n`)
    if (sync) fsyncSync(this.#file)
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file)
  }
}

/** A new journal in `<state>/runs`. Throws a UsageError when the directory cannot be written. */
export function openJournal(state: string, {runId}: Pick<Writer, 'runId'>, now: Date): Journal {
  const runs = runsIn(state)
  try {
    mkdirSync(runs, {recursive: true, mode: 0o700})
    forgetOldest(runs)
    const stamp = now.toISOString().replaceAll(/[:.]/g, '-')
    return new Journal(join(runs, `${stamp}_${runId.replaceAll(/[^\w-]/g, '-')}_${process.pid}.jsonl`))
  } catch (cause) {
    throw new UsageError(`the journal of faults cannot be kept in ${state}: ${(cause as Error).message}`, {
      cause,
      hint: 'name a directory that can be written with PROOFLOAD_STATE',
    })
  }
}

export function runsIn(state: string): string {
  return join(state, 'runs')
}

/** Ended journals carry another name, so that none with something left is ever thrown away. */
export const ENDED = '.ended.jsonl'

/** Their names begin with their time. */
function forgetOldest(runs: string): void {
  const ended = readdirSync(runs).filter((name) => name.endsWith(ENDED))
  for (const name of ended.sort().slice(0, Math.max(0, ended.length - KEPT))) rmSync(join(runs, name), {force: true})
}

/** A new name is only safe from a crash of the host once its directory is on disk. */
function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
