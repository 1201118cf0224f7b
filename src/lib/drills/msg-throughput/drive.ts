/** Drives a run: makes what the transport needs, connects, raises the rate and holds it, drains, and holds everything against the ledger. */
import {formatCount, formatRate} from '../../base/format-units.js'
import {entryOf} from '../../base/entry.js'
import type {Ms} from '../../base/units.js'
import {answeringAddresses} from '../../chat/addresses.js'
import {sourcesFor} from '../../chat/sources.js'
import {Course} from '../../faults/course/course.js'
import {hire, NOTICE} from '../../load/crew.js'
import {noting} from '../../load/noting.js'
import type {Kit} from '../drill.js'
import {premisesFor} from './chat-premises.js'
import {checkArchive} from './check-archive.js'
import {climb} from './climb.js'
import type {ThroughputCrew} from './crew.js'
import {DeepestQueue} from './deepest-queue.js'
import {GRACE} from './grace.js'
import {factsOf} from './facts-of.js'
import type {MsgThroughputFacts} from './facts.js'
import {vitalSigns} from './metrics.js'
import type {MsgThroughputPlan} from './plan.js'
import type {MsgThroughputShare} from './share.js'
import {Belongings, siteFor, type RunSite} from './sites.js'
import {lookAtStores} from './stores.js'
import {transports} from './transports.js'
import type {MsgThroughputSteps} from './worker.js'

/** Rejects with a TargetError when the transport cannot be used. */
export async function drive(plan: MsgThroughputPlan, kit: Kit): Promise<MsgThroughputFacts> {
  const share = await shareFor(plan, kit)
  const site = await siteFor(plan, kit)
  await using belongings = new Belongings(site, kit)
  kit.note({phase: 'preflight', text: 'preparing the transport'})
  await site?.prepare()
  const startedAtMs = kit.clock.now()
  await using crew = await hire<MsgThroughputShare, MsgThroughputSteps>({
    module: entryOf('./worker.js', import.meta.url),
    shares: Array.from({length: plan.workers}, () => share),
    seed: plan.seed,
    runId: kit.runId,
    startedAtMs,
    signal: kit.signal,
    manyOf: 'messages',
    ownTarget: kit.target.kind === 'practice',
  })
  using course = new Course(kit.orders, {underway: crew, signs: vitalSigns, clock: kit.clock, startedAtMs})
  await using queue = new DeepestQueue(site, kit.clock)
  await using premises = premisesFor(share, kit, crew)
  await premises?.before()
  await crew.step('open', null)
  const levels = plan.search && (await climb({plan, search: plan.search, kit, crew, startedAtMs}))
  const lastDueMs = levels ? kit.clock.now() : await carry(plan, kit, {crew, course, site})
  await course.end()
  await drain(kit, crew)
  await site?.finish?.()
  const found = await settle(plan, kit, {crew, site, lastDueMs})
  const endMs = kit.clock.now()
  kit.note({phase: 'closing', text: 'closing connections'})
  await crew.step('close', null)
  await premises?.after()
  const left = await belongings.remove()
  const deepestQueue = queue.most
  return factsOf({plan, crew, course, site, levels, startedAtMs, endMs, lastDueMs, left, deepestQueue, ...found})
}

interface Settling {
  readonly crew: ThroughputCrew
  readonly site: RunSite | undefined
  readonly lastDueMs: Ms
}

/** Closes the ledgers, and holds stores and archive against them. */
async function settle(plan: MsgThroughputPlan, kit: Kit, {crew, site, lastDueMs}: Settling) {
  const accounts = await crew.step('settle', null)
  const stores = await lookAtStores(plan, site, kit)
  const archive = await checkArchive(plan, kit, {accounts, lastDueMs})
  return {accounts, stores, archive}
}

async function shareFor(plan: MsgThroughputPlan, kit: Kit): Promise<MsgThroughputShare> {
  if (transports[plan.transport].reach !== 'chat') return {plan, target: kit.target, sources: []}
  const {target} = await answeringAddresses(kit.target)
  const users = plan.layout.publishers + plan.layout.consumers
  const sources = await sourcesFor({sourceAddresses: plan.sourceAddresses, users}, target)
  return {plan, target, sources}
}

interface Carried {
  readonly crew: ThroughputCrew
  readonly course: Course
  readonly site: RunSite | undefined
}

/** The whole load; resolves to when its last message was due. */
async function carry(plan: MsgThroughputPlan, kit: Kit, {crew, course, site}: Carried): Promise<Ms> {
  const {rampMs, durationMs, pace, rate} = plan
  await site?.begin?.(NOTICE)
  const startAtMs = kit.clock.now() + NOTICE
  const endMs = startAtMs + rampMs + durationMs
  if (rampMs > 0) crew.begin('ramp', startAtMs)
  // After an interrupt the phase is still told, so that nothing else is judged in its stead.
  if (kit.signal.aborted) crew.begin('steady', startAtMs + rampMs)
  else course.steady(startAtMs + rampMs)
  const step = crew.step('load', {pace, startAtMs, inTimeUntilMs: endMs + GRACE})
  const lastDue = await noting(kit, step, () => ({
    phase: crew.timeline.at(kit.clock.now()),
    text:
      `${formatCount(crew.measurements.total('messages_published'))} messages at ${formatRate(rate)}, ` +
      `${formatCount(crew.measurements.total('messages_delivered'))} delivered`,
    done: (kit.clock.now() - startAtMs) / (rampMs + durationMs),
  }))
  // An interrupt ends the load earlier, and not before the last message was due.
  return kit.signal.aborted ? Math.max(startAtMs, ...lastDue) : endMs
}

async function drain(kit: Kit, crew: ThroughputCrew): Promise<void> {
  crew.begin('drain', Math.max(crew.timeline.newestMs, kit.clock.now() + (kit.signal.aborted ? NOTICE : 0)))
  await noting(kit, crew.step('drain', null), () => ({phase: 'drain', text: 'waiting for what is still on its way'}))
  kit.note({phase: 'settle', text: 'closing the ledger'})
}
