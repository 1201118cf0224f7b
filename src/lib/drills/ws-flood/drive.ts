/** Drives a flood: knocks once at each node, then connects all users, lets them talk, drains, settles and closes. */
import {entryOf} from '../../base/entry.js'
import {formatCount, formatRate} from '../../base/format-units.js'
import type {Ms} from '../../base/units.js'
import {answeringAddresses} from '../../chat/addresses.js'
import {knock} from '../../chat/knock.js'
import {usersOf} from '../../chat/people.js'
import type {Removal} from '../../chat/premises.js'
import {Preparation} from '../../chat/preparation.js'
import {sourcesFor} from '../../chat/sources.js'
import {Course} from '../../faults/course/course.js'
import {hire, NOTICE, type Crew} from '../../load/crew.js'
import {noting} from '../../load/noting.js'
import {countsByTag} from '../../metrics/reading.js'
import {curveOf, heldPhases} from '../../verdict/knee.js'
import type {Kit} from '../drill.js'
import {climb} from './climb.js'
import type {WsFloodFacts} from './facts.js'
import type {LevelResult} from './level-result.js'
import {vitalSigns} from './metrics.js'
import type {WsFloodPlan} from './plan.js'
import {populationsOf} from './populations.js'
import type {RoomCapPlan} from './room-cap-plan.js'
import type {WorkerAccount, WsFloodShare} from './share.js'
import {userScale} from './user-scale.js'
import type {WsFloodSteps} from './worker.js'

/** A user whose join is not confirmed has this long to be in its room before anyone speaks. */
const SETTLING: Ms = 1000

type FloodCrew = Crew<WsFloodSteps>

/** Rejects with a TargetError when a node does not answer, or not in the protocol of the profile. */
export async function drive(plan: WsFloodPlan, kit: Kit): Promise<WsFloodFacts> {
  const {target, silent} = await answeringAddresses(kit.target)
  const people = populationsOf(plan)
  const sources = await sourcesFor({...plan, users: usersOf(people)}, target)
  const share: WsFloodShare = {plan, people, target, sources}
  const nodes = target.urls.length
  kit.note({phase: 'preflight', text: nodes === 1 ? 'asking the target' : `asking ${nodes} nodes`})
  // Where rooms have to be made first, nobody is let in before.
  const madeFirst = target.profile.setup.length > 0
  if (!madeFirst) await knock(share, kit)
  const startedAtMs = kit.clock.now()
  await using crew = await hire<WsFloodShare, WsFloodSteps>({
    module: entryOf('./worker.js', import.meta.url),
    shares: Array.from({length: plan.workers}, () => share),
    seed: plan.seed,
    runId: kit.runId,
    startedAtMs,
    signal: kit.signal,
    manyOf: 'connections',
    ownTarget: kit.target.kind === 'practice',
  })
  using course = new Course(kit.orders, {underway: crew, signs: vitalSigns, clock: kit.clock, startedAtMs})
  await using preparation = new Preparation(people, kit, crew)
  await preparation.setUp()
  if (madeFirst) await knock(share, kit)
  await preparation.logIn()
  preparation.loadBegins()
  const climbed = plan.search && (await climb({plan, search: plan.search, kit, crew, startedAtMs}))
  const ramp = climbed ? {lengthMs: climbed.openingMs, rssBytes: []} : await rampUp(plan, kit, crew)
  if (!climbed) await holdSteady(plan, kit, {crew, course})
  await course.end()
  const accounts = await windDown(kit, crew)
  const endMs = kit.clock.now()
  const connections = formatCount(crew.measurements.total('connections_established'))
  kit.note({phase: 'closing', text: `closing ${connections} connections`})
  await crew.step('close', null)
  const teardown = await preparation.tearDown()
  return factsOf({crew, course, ramp, accounts, startedAtMs, endMs, sources, silent, teardown, levels: climbed?.levels})
}

interface Ramp {
  readonly lengthMs: Ms
  /** Of each worker, once all its users were tried. */
  readonly rssBytes: readonly number[]
}

async function rampUp(plan: WsFloodPlan, kit: Kit, crew: FloodCrew): Promise<Ramp> {
  const startAtMs = kit.clock.now() + NOTICE
  crew.begin('ramp', startAtMs)
  const rssBytes = await noting(kit, crew.step('connect', {startAtMs}), () => {
    const established = crew.measurements.total('connections_established')
    const errors = crew.measurements.total('connection_errors')
    const failed = errors > 0 ? `, ${formatCount(errors)} failed` : ''
    return {
      phase: 'ramp',
      text: `${formatCount(established)} of ${formatCount(plan.roster.users)} users${failed}`,
      done: established / plan.roster.users,
    }
  })
  const lengthMs = kit.clock.now() - startAtMs
  if (plan.roomCap) await fillRoom(plan.roomCap, kit, crew)
  return {lengthMs, rssBytes}
}

/** After the others, so that these users do not count as ramp. */
async function fillRoom({cap, roster}: RoomCapPlan, kit: Kit, crew: FloodCrew): Promise<void> {
  const startAtMs = kit.clock.now() + NOTICE
  await noting(kit, crew.step('fill', {startAtMs}), () => ({
    phase: 'ramp',
    text: `${formatCount(roster.users)} users try a room for ${formatCount(cap)}`,
  }))
}

async function holdSteady(
  plan: WsFloodPlan,
  kit: Kit,
  {crew, course}: {crew: FloodCrew; course: Course},
): Promise<void> {
  if (kit.target.profile.protocol.join?.until === undefined) await kit.clock.sleep(SETTLING, kit.signal)
  const startAtMs = kit.clock.now() + NOTICE
  // After an interrupt the phase is still told, so that nothing else is judged in its stead.
  if (kit.signal.aborted) crew.begin('steady', startAtMs)
  if (kit.signal.aborted) return
  course.steady(startAtMs)
  await noting(kit, crew.step('talk', {startAtMs}), () => ({
    phase: crew.timeline.at(kit.clock.now()),
    text:
      `${formatCount(crew.measurements.total('messages_published'))} messages at ${formatRate(plan.messageRate)}, ` +
      `${formatCount(crew.measurements.total('messages_delivered'))} delivered`,
    done: (kit.clock.now() - startAtMs) / plan.durationMs,
  }))
}

async function windDown(kit: Kit, crew: FloodCrew): Promise<WorkerAccount[]> {
  crew.begin('drain', Math.max(crew.timeline.newestMs, kit.clock.now() + (kit.signal.aborted ? NOTICE : 0)))
  await noting(kit, crew.step('drain', null), () => ({phase: 'drain', text: 'waiting for what is still on its way'}))
  kit.note({phase: 'settle', text: 'closing the ledger'})
  return crew.step('settle', null)
}

interface Outcome {
  readonly crew: FloodCrew
  readonly course: Course
  readonly ramp: Ramp
  readonly accounts: readonly WorkerAccount[]
  readonly startedAtMs: Ms
  readonly endMs: Ms
  readonly sources: readonly string[]
  /** Addresses of the target at which nobody listens. */
  readonly silent: readonly string[]
  readonly teardown: Removal | undefined
  /** Of a search. */
  readonly levels: readonly LevelResult[] | undefined
}

function factsOf({crew, course, ramp, accounts, startedAtMs, endMs, levels, ...told}: Outcome): WsFloodFacts {
  const {measurements, deaths} = crew
  const phases = crew.timeline.phases(startedAtMs, endMs)
  const established = measurements.total('connections_established')
  const beyondEmpty = (rss: readonly number[], guests = 0): number =>
    Math.max(0, sum(rss) - sum(crew.emptyRss)) / Math.max(1, established + guests)
  return {
    phases,
    startedAtMs,
    measurements,
    deaths,
    faults: course.account(endMs),
    series: measurements.series(),
    generator: crew.health(levels ? heldPhases(phases, levels) : phases, startedAtMs),
    ...(levels && {levels, curve: curveOf(levels, userScale)}),
    connectRate: ramp.lengthMs > 0 ? (established * 1000) / ramp.lengthMs : 0,
    rssPerConnection: {
      afterRamp: beyondEmpty(ramp.rssBytes),
      atEnd: beyondEmpty(
        accounts.map(({rssBytes}) => rssBytes),
        sum(accounts.map(({guests}) => guests)),
      ),
    },
    evidence: {
      ...(levels && {levels}),
      clock: "senders and receivers share this host's monotonic clock",
      rampMs: ramp.lengthMs,
      rssPerConnectionAfterRamp: beyondEmpty(ramp.rssBytes),
      sourceAddresses: told.sources,
      silentAddresses: told.silent,
      setUpRequests: measurements.total('setup_requests'),
      ...(told.teardown && {teardown: told.teardown}),
      connectionErrors: countsByTag(measurements, 'connection_errors', 'reason'),
      disconnects: countsByTag(measurements, 'unexpected_disconnects', 'reason'),
      lostExamples: accounts.flatMap(({examples}) => examples),
      historyTrouble: accounts.find(({historyTrouble}) => historyTrouble !== undefined)?.historyTrouble ?? null,
    },
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
