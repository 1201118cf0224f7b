/** Decides a run: how far it goes at the target, what is measured, and what must hold. */
import {UsageError} from '../../base/errors.js'
import type {Bytes, Ms, Share} from '../../base/units.js'
import type {PlanFrame} from '../drill.js'
import {CHECKS, type CheckName, type DbExplainInput, type Level, type Source} from './input.js'
import {promisesOf} from './promises.js'

export interface DbExplainPlan extends PlanFrame {
  readonly drill: 'db-explain'
  readonly level: Level
  readonly source: Source
  readonly rows: number
  readonly goal: Share
  readonly checks: readonly CheckName[]
  readonly slowMs: Ms
  readonly statementTimeoutMs: Ms
  readonly measure: {readonly pairs: number; readonly halfWidth: Share; readonly warmUps: number; readonly atMostMs: Ms}
  readonly role: string | undefined
  readonly settings: Readonly<Record<string, string>>
  readonly tables: readonly string[]
  readonly sample: Share
  readonly showsLiterals: boolean
  readonly sqlOut: string | undefined
  readonly cores: number
}

/** DESIGN notes A4: at least so many pairs, until the interval is so narrow. */
const MEASURE = {pairs: 30, halfWidth: 0.1, warmUps: 3}
/** What we, and what the embedded server, keep in memory. */
const OWN_MEMORY: Bytes = 300 * 1024 * 1024
const SERVER_MEMORY: Bytes = 1024 * 1024 * 1024
const RESERVED_DESCRIPTORS = 100

/** Throws a UsageError when what is asked makes no sense at its level. */
export function plan(input: DbExplainInput): DbExplainPlan {
  mustFit(input)
  const checks = checksOf(input)
  const {level, source, rows, goal, slowMs, statementTimeoutMs, role, settings, tables, sample} = input
  const {showsLiterals, sqlOut, machine} = input
  const decided: DbExplainPlan = {
    drill: 'db-explain',
    seed: input.seed,
    level,
    source,
    rows,
    goal,
    checks,
    slowMs,
    statementTimeoutMs,
    measure: {...MEASURE, atMostMs: input.measureMs},
    role,
    settings,
    tables,
    sample,
    showsLiterals,
    sqlOut,
    cores: machine.cores,
    phases: ['load', 'advice', 'measurement', 'checks'],
    thresholds: promisesOf({level, goal, gates: input.gates, checks}),
    faults: [],
    practice: {nodes: 1, reach: 'database', database: {rows}},
    ...(level === 'copy' && {lab: true}),
    ...(level === 'trial' && {makesTables: true}),
    needs: {
      workers: 1,
      descriptorsPerWorker: RESERVED_DESCRIPTORS,
      sockets: RESERVED_DESCRIPTORS,
      memoryBytes: OWN_MEMORY + (level === 'practice' || level === 'copy' ? SERVER_MEMORY : 0),
    },
  }
  return Object.freeze(decided)
}

/** On a database of our own everything is looked at; at a target what was asked for. */
function checksOf({checks, level}: DbExplainInput): readonly CheckName[] {
  return checks ?? (level === 'practice' ? CHECKS : [])
}

/** They write, or put load on: that is done to a database of our own only. */
const NEED_OWN: readonly CheckName[] = ['pagination', 'cache', 'n-plus-one', 'pool', 'inserts']

function mustFit({level, checks = [], goal, sample, targets, faults}: DbExplainInput): void {
  if (!(goal > 0 && goal < 1))
    throw new UsageError(`--goal ${goal * 100}% is no gain: give more than 0% and less than 100%`)
  if (!(sample > 0 && sample <= 1)) throw new UsageError('--sample: give a share above 0% and up to 100%')
  if (targets.length > 1)
    throw new UsageError('db-explain looks at one database: give one --target', {hint: 'run it once for each'})
  if (faults.specs.length > 0)
    throw new UsageError('--fault makes no sense here: db-explain compares what a quiet database does')
  const unable = checks.find((name) => level !== 'practice' && level !== 'copy' && NEED_OWN.includes(name))
  if (unable !== undefined)
    throw new UsageError(`--check ${unable} writes or puts load on the database, which is not done to a target`, {
      hint: 'add --copy to do it on a copy, or leave --target out',
    })
}
