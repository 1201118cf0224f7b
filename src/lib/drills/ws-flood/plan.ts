/** Decides a flood: who sits where, who speaks when, what must hold, and whether this machine can carry it. */
import {UsageError} from '../../base/errors.js'
import {formatCount, formatRate} from '../../base/format-units.js'
import type {Bytes, Ms, PerSecond} from '../../base/units.js'
import {membersOf, rosterOf, type Roster} from '../../chat/roster.js'
import type {ChatPlan} from '../../chat/share.js'
import {mustBeTaken} from '../../chat/largest-message.js'
import {promisesUnderFaults} from '../../faults/course/thresholds.js'
import type {PlannedFault} from '../../faults/fault.js'
import {settleFaults} from '../../faults/settle.js'
import {countOf} from '../../pacing/steady.js'
import {STAMP_LENGTH} from '../../protocols/stamp.js'
import type {Guarantees} from '../../protocols/websocket/protocol.js'
import type {PlanFrame} from '../drill.js'
import {asSearch} from './as-search.js'
import {crewFor, needsOf} from './capacity.js'
import {idleThresholds, planIdle, type IdlePlan} from './idle-plan.js'
import type {WsFloodInput} from './input.js'
import type {Search} from './levels.js'
import {underFaults} from './metrics.js'
import {guestsOf} from './populations.js'
import {planRoomCap, ROOM_CAP_THRESHOLDS, type RoomCapPlan} from './room-cap-plan.js'

export interface WsFloodPlan extends PlanFrame, ChatPlan {
  readonly drill: 'ws-flood'
  /** Members of each room that speak, in turn. */
  readonly speakersPerRoom: number
  /** With --find-max: the levels to try, each for its `stepMs`. */
  readonly search?: Search
  readonly durationMs: Ms
  readonly messageRate: PerSecond
  readonly messages: number
  readonly payloadBytes: Bytes
  /** After this an unanswered message counts as unknown. */
  readonly ackTimeoutMs: Ms
  readonly drain: {readonly quietMs: Ms; readonly atMostMs: Ms}
  readonly guarantees: Guarantees
  readonly protocol: string
  readonly workers: number
  /** The room that is filled to its cap and beyond; undefined where that is not checked. */
  readonly roomCap: RoomCapPlan | undefined
  /** Undefined where the idle time is not checked. */
  readonly idle: IdlePlan | undefined
  readonly sourceAddresses: readonly string[]
}

/** Most members of a room that take turns speaking: enough to reach every node, few enough to keep the ledger small. */
const MOST_SPEAKERS = 4
const USUAL_ROOM_CAP = 1000

/** Throws a UsageError when the numbers contradict each other or exceed this machine. */
export function plan(input: WsFloodInput): WsFloodPlan {
  const {roomSize, profile, messageRate} = input
  const roster = rosterOf(input.connections, roomSize)
  const checks = checksOf(input, roster)
  const durationMs = Math.max(input.durationMs, checks.idle?.watchMs ?? 0)
  const messages = countOf(messageRate, durationMs)
  const speakersPerRoom = Math.min(MOST_SPEAKERS, membersOf(roster, 0))
  mustCarryStamp(input)
  const guests = guestsOf(checks)
  const workers = crewFor(input, roster, guests)
  mustReachEveryUser(input, {roster, messages})
  const faults = faultsOf(input, durationMs)
  return decided(input, {
    drill: 'ws-flood',
    seed: input.seed,
    ...courseOf(input, faults, checks),
    roster,
    connectRate: input.connectRate,
    speakersPerRoom,
    durationMs,
    messageRate,
    messages,
    payloadBytes: input.payloadBytes,
    reconnect: input.reconnect,
    backoff: {baseMs: 500, capMs: 10_000},
    connectTimeoutMs: 30_000,
    ackTimeoutMs: 10_000,
    drain: {quietMs: 2000, atMostMs: 15_000},
    guarantees: profile.guarantees,
    protocol: profile.protocol.name,
    workers,
    keepAlive: checks.idle?.signEveryMs ?? 'protocol',
    ...checks,
    sourceAddresses: input.sourceAddresses,
    ...frameOf(input, {workers, guests}),
  })
}

/** Searches and checks look at users that nothing disturbs. */
function faultsOf(input: WsFloodInput, durationMs: Ms): PlannedFault[] {
  const {faults, findMax, checkRoomCap, checkIdleMs} = input
  if (faults.specs.length === 0) return []
  if (findMax) throw new UsageError('--find-max looks for the limit of a target that is well: leave out --fault')
  if ((checkRoomCap ?? checkIdleMs) !== undefined)
    throw new UsageError(
      'a fault cuts off users that the checks watch: leave out --check-room-cap and --check-idle, or --fault',
    )
  return settleFaults(faults.specs, {...faults, durationMs})
}

/** What comes, and what must hold meanwhile. */
function courseOf(
  {connections, profile: {guarantees}}: WsFloodInput,
  faults: readonly PlannedFault[],
  checks: Checks,
): Pick<PlanFrame, 'faults' | 'phases' | 'thresholds'> {
  const promises = [...thresholdsFor(connections, guarantees), ...thresholdsOfChecks(checks)]
  return {
    faults,
    phases: ['ramp', 'steady', ...(faults.length > 0 ? ['fault', 'recovery'] : []), 'drain'],
    thresholds: promisesUnderFaults(promises, {faults, delivery: guarantees.delivery, ...underFaults}),
  }
}

type Checks = Pick<WsFloodPlan, 'roomCap' | 'idle'>

/** The checks that were asked for, each with users and rooms of its own. */
function checksOf(input: WsFloodInput, roster: Roster): Checks {
  if (input.findMax && (input.checkRoomCap ?? input.checkIdleMs) !== undefined) {
    throw new UsageError('--find-max searches and does not check: leave out --check-room-cap and --check-idle')
  }
  const roomCap = planRoomCap(input, roster)
  return {roomCap, idle: planIdle(input, roomCap?.roster ?? roster)}
}

function thresholdsOfChecks({roomCap, idle}: Checks): string[] {
  return [...(roomCap ? ROOM_CAP_THRESHOLDS : []), ...(idle ? idleThresholds(idle) : [])]
}

/** The practice target is told what the checks expect of it, and to have rooms for all. */
function frameOf(
  input: WsFloodInput,
  {workers, guests}: {workers: number; guests: number},
): Pick<PlanFrame, 'needs' | 'practice'> {
  const {needs, practice} = needsOf(input, workers, guests)
  const {checkRoomCap, checkIdleMs, roomSize} = input
  const roomCap = checkRoomCap ?? Math.max(USUAL_ROOM_CAP, roomSize)
  return {needs, practice: {...practice, roomCap, ...(checkIdleMs === undefined ? {} : {idleMs: checkIdleMs})}}
}

function decided({findMax}: WsFloodInput, flood: WsFloodPlan): WsFloodPlan {
  return Object.freeze(findMax ? asSearch(flood) : flood)
}

/** What a flood promises by default, with its numbers filled in. */
function thresholdsFor(connections: number, {delivery, order}: Guarantees): string[] {
  return [
    `connections_established >= ${connections}`,
    'p99(delivery_latency) < 100ms',
    'messages_lost == 0',
    delivery === 'at-least-once' ? 'warn: messages_duplicated == 0' : 'messages_duplicated == 0',
    ...(order === 'sender' ? ['messages_reordered == 0'] : []),
    'messages_unexpected == 0',
    'unexpected_disconnects == 0',
    'users_unproven == 0',
    'warn: protocol_errors == 0',
  ]
}

function mustCarryStamp({payloadBytes, profile}: WsFloodInput): void {
  mustBeTaken(profile.protocol, payloadBytes)
  if (payloadBytes >= STAMP_LENGTH) return
  throw new UsageError(
    `--payload ${payloadBytes}B is too small: each message carries a stamp of ${STAMP_LENGTH} bytes`,
    {
      hint: `use --payload ${STAMP_LENGTH}B or more`,
    },
  )
}

/** A user that is due no message proves nothing, so a plan that leaves some out is refused. */
function mustReachEveryUser(input: WsFloodInput, {roster, messages}: {roster: Roster; messages: number}): void {
  const {echo} = input.profile.guarantees
  if (!echo && membersOf(roster, 0) < 2) {
    throw new UsageError('in rooms of one nobody would receive anything, as the target does not echo to the sender', {
      hint: 'use --room-size 2 or more, with at least twice as many connections as rooms',
    })
  }
  // Without an echo the first speaker of a room hears only the second one.
  const needed = roster.rooms * (echo ? 1 : 2)
  if (messages >= needed) return
  const rate = Math.ceil((needed * 1000) / input.durationMs)
  throw new UsageError(
    `${formatRate(input.messageRate)} are ${formatCount(messages)} messages in the given time, ` +
      `but ${formatCount(roster.rooms)} rooms need ${formatCount(needed)} for every user to receive one`,
    {hint: `use --message-rate ${rate}/s, a longer --duration, or a larger --room-size`},
  )
}
