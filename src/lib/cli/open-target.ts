/** The target of a run: the user's own, or the practice target, started for the occasion. */
import {ProofloadError, TargetError} from '../base/errors.js'
import {redact} from '../base/redact.js'
import type {Lab, PlanFrame} from '../drills/drill.js'
import type {DefectSpec} from '../targets/practice/defects/parse-defect.js'
import type {Loss} from '../targets/practice/nodes.js'
import type {PracticeTarget} from '../targets/practice/practice.js'
import {type AllowedTarget, checkHosts} from '../targets/safety/allow-list.js'
import type {Target} from '../targets/target.js'
import type {FaultGround} from '../faults/fault.js'
import type {Belongings} from './belongings.js'
import {disturbsLink, groundIn} from './fault-ground.js'
import {linkOverProxy} from './link-proxy.js'
import type {CommonInput} from '../drills/drill.js'

/** Messages of the practice database where the plan says nothing. */
const USUAL_ROWS = 1_000_000

export interface OpenedTarget {
  readonly target: Target
  /** What it runs on, where we know it; for the report. */
  readonly services: Readonly<Record<string, string>>
  /** Where faults act. */
  readonly ground: FaultGround
  /** A Postgres of our own, where the plan asks for one. */
  readonly lab?: Lab
}

export interface OpeningOptions {
  readonly defects: readonly DefectSpec[]
  /** Hosts that were checked. */
  readonly allowed: readonly AllowedTarget[]
  readonly belongings: Belongings
  readonly signal: AbortSignal
  /** For the progress line. */
  readonly note: (text: string) => void
  /** A line that stays on stderr. */
  readonly say: (text: string) => void
}

/** Throws a TargetError when the practice target does not start, and the signal's reason when it aborts meanwhile. */
export async function openTarget(input: CommonInput, plan: PlanFrame, options: OpeningOptions): Promise<OpenedTarget> {
  const opened = await openAsItIs(input, plan, options)
  if (!disturbsLink(plan.faults)) return opened
  const around = {sockets: plan.needs.sockets, seed: plan.seed, belongings: options.belongings}
  return {...opened, ...(await linkOverProxy(opened, around))}
}

async function openAsItIs(input: CommonInput, plan: PlanFrame, options: OpeningOptions): Promise<OpenedTarget> {
  if (input.targets.length > 0) return await openExternal(input, plan, options)
  if (plan.practice.reach === 'database') return await openDatabase(input, plan, options)
  return await openChat(input, plan, options)
}

async function openExternal(input: CommonInput, plan: PlanFrame, options: OpeningOptions): Promise<OpenedTarget> {
  const opened = {target: externalTarget(input, options.allowed), services: {}, ground: groundIn(input.profile)}
  if (plan.lab !== true) return opened
  const {startLaboratory} = await import('../targets/practice/database/laboratory.js')
  const started = await startingWell('the Postgres for the copy', options.signal, () => startLaboratory(options))
  const {url, adminUrl, redisUrl, services} = options.belongings.keep('the Postgres for the copy', started)
  return {...opened, services, lab: {url, adminUrl, redisUrl}}
}

async function openDatabase(input: CommonInput, plan: PlanFrame, options: OpeningOptions): Promise<OpenedTarget> {
  const {startPracticeDatabase} = await import('../targets/practice/database/database.js')
  const {defects, signal, note, belongings} = options
  const rows = plan.practice.database?.rows ?? USUAL_ROWS
  const started = await startingWell('the practice database', signal, () =>
    startPracticeDatabase({rows, seed: plan.seed, defects, signal, note}),
  )
  const {target, adminUrl, redisUrl, queries, traffic, services, ground} = belongings.keep(
    'the practice database',
    started,
  )
  started.onLoss((loss) => tellOf(loss, options))
  const [url = ''] = target.urls
  const lab = {url, adminUrl, redisUrl, queries, traffic}
  return {target: {...target, headers: input.headers}, services, ground, lab}
}

async function openChat(input: CommonInput, plan: PlanFrame, options: OpeningOptions): Promise<OpenedTarget> {
  const {startPractice} = await import('../targets/practice/practice.js')
  const {defects, signal, note} = options
  const practice = await startingWell('the practice target', signal, () =>
    startPractice({...plan.practice, defects, seed: plan.seed, signal, note}),
  )
  options.belongings.keep('the practice target', practice)
  practice.onLoss((loss) => tellOf(loss, options))
  return {
    target: {...(await reachedAt(practice, plan.practice.reach)), headers: input.headers},
    services: practice.services,
    // As of now: a node that was started again is another process.
    get ground() {
      return practice.ground
    },
  }
}

function tellOf({part, why, again}: Loss, {say}: OpeningOptions): void {
  say(`${part} ended by itself: ${why}${again ? '; it is started again' : ''}`)
}

/** The practice target's chat, or one of the servers behind it. */
async function reachedAt(
  {target, redisUrl, stores}: PracticeTarget,
  reach: PlanFrame['practice']['reach'] = 'chat',
): Promise<Target> {
  if (reach === 'chat') return target
  const urls = reach === 'redis' ? [redisUrl] : stores
  return {...target, urls, allowed: await checkHosts(urls, {allowHosts: [], allowProduction: false})}
}

function externalTarget({targets, profile, headers, tls}: CommonInput, allowed: readonly AllowedTarget[]): Target {
  return {kind: 'external', description: targets.map(redact).join(', '), urls: targets, profile, headers, tls, allowed}
}

/** Throws a TargetError in place of whatever kept it from starting, and the signal's reason when that was it. */
async function startingWell<Thing>(name: string, signal: AbortSignal, start: () => Promise<Thing>): Promise<Thing> {
  try {
    return await start()
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof ProofloadError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TargetError(`${name} did not start: ${why}`, {
      cause,
      hint: 'or put a system of your own under load with --target',
    })
  }
}
