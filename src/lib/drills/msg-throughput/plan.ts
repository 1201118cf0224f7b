/** Decides a run: who publishes where and how fast, what must hold, and whether this machine can carry it. */
import {UsageError} from '../../base/errors.js'
import {formatCount, formatSize} from '../../base/format-units.js'
import type {Ms, PerSecond} from '../../base/units.js'
import {mustBeTaken} from '../../chat/largest-message.js'
import {promisesUnderFaults} from '../../faults/course/thresholds.js'
import type {PlannedFault} from '../../faults/fault.js'
import {settleFaults} from '../../faults/settle.js'
import {countOfPace, type Pace} from '../../pacing/pace.js'
import type {Layout} from '../../protocols/messaging/layout.js'
import {STAMP_CAPACITY, STAMP_LENGTH} from '../../protocols/stamp.js'
import type {Guarantees} from '../../protocols/websocket/protocol.js'
import type {PlanFrame} from '../drill.js'
import {crewFor, needsOf} from './capacity.js'
import type {AmqpWishes, ArchiveCheck, MsgThroughputInput, Payload} from './input.js'
import {layoutOf} from './layout.js'
import {underFaults} from './metrics.js'
import {BETWEEN, searchFor, type RateSearch} from './rate-levels.js'
import {promisesOf} from './promises.js'
import {roomsToWeigh} from './shard-chance.js'
import {transports, type TransportName} from './transports.js'

export interface MsgThroughputPlan extends PlanFrame {
  readonly drill: 'msg-throughput'
  readonly transport: TransportName
  readonly layout: Layout
  readonly rate: PerSecond
  readonly rampMs: Ms
  readonly durationMs: Ms
  /** Of the whole load: the rise and the steady part. */
  readonly pace: Pace
  /** Undefined for a search that has no end of its own. */
  readonly messages: number | undefined
  readonly payload: Payload
  readonly guarantees: Pick<Guarantees, 'delivery' | 'order'>
  /** After this an unanswered message counts as unknown. */
  readonly ackTimeoutMs: Ms
  readonly drain: {readonly quietMs: Ms; readonly atMostMs: Ms}
  readonly workers: number
  readonly sourceAddresses: readonly string[]
  /** The shards are known, and the rooms enough to tell how evenly they are used. */
  readonly weighsShards: boolean
  readonly amqp?: AmqpWishes
  readonly partitions?: number
  readonly archive?: ArchiveCheck
  /** With --find-max. */
  readonly search?: RateSearch
}

/** Throws a UsageError when the numbers contradict each other, the transport or this machine. */
export function plan(input: MsgThroughputInput): MsgThroughputPlan {
  mustFit(input)
  const {transport, rate, rampMs, durationMs} = input
  if (transports[transport].reach === 'chat') mustBeTaken(input.profile.protocol, input.payload.bytes)
  const layout = layoutOf(input)
  const workers = crewFor(input, layout)
  const faults = faultsOf(input)
  const guarantees = guaranteesOf(input)
  const pace = paceOf(input)
  const search = input.findMax ? searchFor(input) : undefined
  const decided: MsgThroughputPlan = {
    drill: 'msg-throughput',
    seed: input.seed,
    transport,
    layout,
    rate,
    rampMs,
    durationMs,
    pace,
    messages: search ? undefined : mustBeCountable(countOfPace(pace), layout),
    payload: input.payload,
    guarantees,
    ackTimeoutMs: 10_000,
    drain: {quietMs: 2000, atMostMs: 15_000},
    workers,
    sourceAddresses: input.sourceAddresses,
    weighsShards: isWeighable(input),
    faults,
    phases: phasesOf(input, search, faults),
    ...thresholdsOf(input, {faults, guarantees, search}),
    ...wishesOf(input),
    ...(transport === 'postgres' && {makesTables: true}),
    ...(search && {search}),
    ...needsOf(input, layout, workers),
  }
  return Object.freeze(decided)
}

/** It rises, and is held. */
function paceOf({rate, rampMs, durationMs}: MsgThroughputInput): Pace {
  const stages = [rampMs, durationMs].map((lengthMs) => ({lengthMs, target: rate}))
  return {kind: 'stages', startRate: 0, stages}
}

/** Five whole seconds, wherever they begin. */
const SHORTEST_LEVEL: Ms = 6000

function mustFit({payload, faults, findMax, archive, partitions, transport, durationMs}: MsgThroughputInput): void {
  if (payload.bytes < STAMP_LENGTH)
    throw new UsageError(
      `--payload ${formatSize(payload.bytes)} is too small: a message carries a stamp of ${STAMP_LENGTH} characters`,
    )
  if (findMax && faults.specs.length > 0)
    throw new UsageError('--find-max looks for the limit of a target that is well: leave out --fault')
  if (findMax && durationMs < SHORTEST_LEVEL)
    throw new UsageError('--duration of a search is that of each level: it takes 6s to tell whether a backlog grows')
  if (findMax && archive)
    throw new UsageError('--find-max and --archive-check exclude each other: leave out one of them')
  if (partitions !== undefined && transport !== 'postgres')
    throw new UsageError(`--partitions are of tables: use it with --transport postgres, not with ${transport}`)
}

function mustBeCountable(messages: number | undefined, {rooms, publishers}: Layout): number | undefined {
  const most = STAMP_CAPACITY * Math.max(rooms, publishers)
  if (messages === undefined || messages <= most) return messages
  throw new UsageError(
    `${formatCount(messages)} messages are more than can be numbered: shorten --duration, or add --rooms`,
  )
}

/** A chat promises what its profile says, any other transport what it is known for; with only the order of one sender kept by all. */
function guaranteesOf({transport, profile}: MsgThroughputInput): MsgThroughputPlan['guarantees'] {
  const {reach, delivery} = transports[transport]
  const {guarantees} = profile
  return reach === 'chat' ? {delivery: guarantees.delivery, order: guarantees.order} : {delivery, order: 'sender'}
}

function faultsOf({faults, durationMs}: MsgThroughputInput): PlannedFault[] {
  return faults.specs.length === 0 ? [] : settleFaults(faults.specs, {...faults, durationMs})
}

function phasesOf(
  {rampMs}: MsgThroughputInput,
  search: RateSearch | undefined,
  faults: readonly PlannedFault[],
): readonly string[] {
  if (search) return [BETWEEN, 'drain']
  return [...(rampMs > 0 ? ['ramp'] : []), 'steady', ...(faults.length > 0 ? ['fault', 'recovery'] : []), 'drain']
}

/** The practice target has two shards. A profile may say where its own are. */
function isWeighable({transport, targets, profile, rooms}: MsgThroughputInput): boolean {
  if (transports[transport].reach === 'postgres') return targets.length !== 1
  if (transports[transport].reach !== 'chat') return false
  const shards = targets.length === 0 ? PRACTICE_SHARDS : (profile.store?.shards.length ?? 1)
  return shards > 1 && rooms >= roomsToWeigh(shards)
}

const PRACTICE_SHARDS = 2

interface Decisions {
  readonly faults: readonly PlannedFault[]
  readonly guarantees: MsgThroughputPlan['guarantees']
  readonly search: RateSearch | undefined
}

function thresholdsOf(
  input: MsgThroughputInput,
  {faults, guarantees, search}: Decisions,
): Pick<PlanFrame, 'thresholds' | 'levelThresholds'> {
  const promises = promisesOf({...input, weighable: isWeighable(input)}, guarantees)
  if (search) return {thresholds: [`max_rate >= ${search.ascent[0] ?? 1}/s`], levelThresholds: promises}
  return {thresholds: promisesUnderFaults(promises, {faults, delivery: guarantees.delivery, ...underFaults})}
}

function wishesOf({transport, amqp, partitions, archive}: MsgThroughputInput): Partial<MsgThroughputPlan> {
  return {
    ...(transport === 'amqp' && {amqp}),
    ...(partitions !== undefined && {partitions}),
    ...(archive && {archive}),
  }
}
