/** The target of a run: the user's own, or the practice target, started for the occasion. */
import {ProofloadError, TargetError} from '../base/errors.js'
import {redact} from '../base/redact.js'
import type {PlanFrame} from '../drills/drill.js'
import type {DefectSpec} from '../targets/practice/defects/parse-defect.js'
import type {PracticeTarget} from '../targets/practice/practice.js'
import {type AllowedTarget, checkHosts} from '../targets/safety/allow-list.js'
import type {Target} from '../targets/target.js'
import type {FaultGround} from '../faults/fault.js'
import type {Belongings} from './belongings.js'
import {disturbsLink, groundIn} from './fault-ground.js'
import {linkOverProxy} from './link-proxy.js'
import type {CommonInput} from '../drills/drill.js'

export interface OpenedTarget {
  readonly target: Target
  /** What it runs on, where we know it; for the report. */
  readonly services: Readonly<Record<string, string>>
  /** Where faults act. */
  readonly ground: FaultGround
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
  if (input.targets.length > 0)
    return {target: externalTarget(input, options.allowed), services: {}, ground: groundIn(input.profile)}
  const practice = await startPractice(plan, options)
  options.belongings.keep('the practice target', practice)
  practice.onLoss(({part, why, again}) =>
    options.say(`${part} ended by itself: ${why}${again ? '; it is started again' : ''}`),
  )
  return {
    target: {...(await reachedAt(practice, plan.practice.reach)), headers: input.headers},
    services: practice.services,
    // As of now: a node that was started again is another process.
    get ground() {
      return practice.ground
    },
  }
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

async function startPractice(plan: PlanFrame, {defects, signal, note}: OpeningOptions) {
  const practice = await import('../targets/practice/practice.js')
  try {
    return await practice.startPractice({...plan.practice, defects, seed: plan.seed, signal, note})
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof ProofloadError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TargetError(`the practice target did not start: ${why}`, {
      cause,
      hint: 'or put a system of your own under load with --target',
    })
  }
}
