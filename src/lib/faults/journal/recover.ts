/** Puts back what earlier runs have left, from their journals. */
import {closeSync, fsyncSync, openSync, renameSync, writeSync} from 'node:fs'
import {ProofloadError, UsageError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'
import type {FaultGround} from '../fault.js'
import {undo} from '../injectors.js'
import {ENDED} from './journal.js'
import {livesOn} from './lock.js'
import {type LeftFault, type LeftRun, leftRuns} from './read-journal.js'
import type {JournalRecord} from './records.js'
import {addressOf} from './servers.js'

export interface RecoveredFault {
  /** Its number in the plan, from 0. */
  readonly index: number
  readonly fault: string
  readonly server: string
  /** `by itself`: nobody had to. */
  readonly outcome: 'reverted' | 'by itself' | 'not reverted'
  readonly trouble?: string
  /** Why it was not reverted, as an exit code. */
  readonly exitCode: number
}

export interface RecoveredRun {
  readonly runId: string
  readonly command: string
  /** ISO 8601. */
  readonly since: string
  readonly process: string
  /** It still runs, and puts its own faults back: nothing was touched. */
  readonly alive: boolean
  readonly faults: readonly RecoveredFault[]
}

export interface RecoverOptions {
  readonly state: string
  /** Where the servers are, with the passwords that no journal holds. */
  readonly ground: FaultGround
  /** Only what this run left. */
  readonly runId?: string
  /** Also what a run left that seems to be alive. */
  readonly force: boolean
  readonly now: () => Date
}

/** Never throws for a fault that cannot be put back: it is told, and left for the next time. */
export async function recover({state, ground, runId, force, now}: RecoverOptions): Promise<RecoveredRun[]> {
  const recovered: RecoveredRun[] = []
  for (const run of leftRuns(state)) {
    const {writer, since} = run
    if (runId !== undefined && runId !== writer.runId) continue
    const alive = !force && livesOn(writer)
    const faults = alive ? [] : await recoverRun(run, ground, now)
    const process = `${writer.pid} on ${writer.host}`
    recovered.push({runId: writer.runId, command: writer.command, since, process, alive, faults})
  }
  return recovered
}

/** Each step is written down before the next one, so that being interrupted loses nothing. */
async function recoverRun({path, left}: LeftRun, ground: FaultGround, now: () => Date): Promise<RecoveredFault[]> {
  const faults: RecoveredFault[] = []
  const note = (record: JournalRecord) => append(path, record)
  for (const fault of left) {
    const done = await recoverFault(fault, ground)
    if (done.outcome !== 'not reverted') note({kind: 'reverted', at: now().toISOString(), fault: fault.index})
    faults.push(done)
  }
  if (faults.every(({outcome}) => outcome !== 'not reverted')) {
    note({kind: 'end', at: now().toISOString()})
    renameSync(path, path.replace(/\.jsonl$/, ENDED))
  }
  return faults
}

async function recoverFault(fault: LeftFault, ground: FaultGround): Promise<RecoveredFault> {
  const told = {index: fault.index, fault: fault.text, server: fault.server, exitCode: 0}
  if (fault.undoing === undefined) return {...told, outcome: 'by itself'}
  try {
    refuseOtherServer(fault, ground)
    await undo(fault.name, fault.undoing, ground)
    return {...told, outcome: 'reverted'}
  } catch (error) {
    const trouble = redact(error instanceof Error ? error.message : String(error))
    return {...told, outcome: 'not reverted', trouble, exitCode: error instanceof ProofloadError ? error.exitCode : 69}
  }
}

/** A server's password is in no journal, so the user names the server again; another one must not be changed. */
function refuseOtherServer({needs, server}: LeftFault, ground: FaultGround): void {
  if (needs !== 'redis' && needs !== 'postgres') return
  const url = ground[needs]
  if (url !== undefined && `${needs} ${addressOf(url)}` === server) return
  throw new UsageError(`needs --${needs} URL, or a --profile, that leads to ${server.replace(`${needs} `, '')}`)
}

function append(path: string, record: JournalRecord): void {
  const file = openSync(path, 'a')
  try {
    // A torn last line is ended first.
    writeSync(file, `\n${JSON.stringify(record)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
