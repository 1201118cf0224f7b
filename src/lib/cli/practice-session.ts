/** Runs the practice target alone until a signal comes, and prints it as a ready profile. */
import {TargetError} from '../base/errors.js'
import {freshSeed} from '../base/random.js'
import type {Ms} from '../base/units.js'
import type {Progress} from '../report/progress.js'
import {checkDefects} from '../targets/practice/defects/check-defects.js'
import type {DefectSpec} from '../targets/practice/defects/parse-defect.js'
import type {Loss} from '../targets/practice/nodes.js'
import {startPractice, type PracticeTarget} from '../targets/practice/practice.js'
import type {Belongings} from './belongings.js'
import type {Interrupts} from './interrupt.js'

export interface PracticeSession {
  readonly nodes: number
  readonly defects: readonly DefectSpec[]
  readonly 'room-cap': number
  readonly idle: Ms
  readonly redis: 'any' | 'fallback'
  readonly seed: string | undefined
}

export interface SessionGround {
  readonly progress: Progress
  readonly belongings: Belongings
  readonly interrupts: Interrupts
  /** Shows the profile, on stdout. */
  readonly show: (profile: string) => void
}

/** Resolves when a signal came. Throws a TargetError when the target does not start, or when a part of it ends by itself and cannot be started again. */
export async function runPractice(
  session: PracticeSession,
  {progress, belongings, interrupts, show}: SessionGround,
): Promise<void> {
  const {signal} = interrupts
  const note = (text: string) => progress.note({phase: 'practice target', text})
  const {nodes, defects, 'room-cap': roomCap, idle: idleMs, redis, seed = freshSeed()} = session
  checkDefects(defects)
  const options = {nodes, defects, roomCap, idleMs, redis, seed, signal, note}
  const practice = await startPractice(options).catch((cause: unknown) => {
    signal.throwIfAborted()
    throw new TargetError(
      `the practice target did not start: ${cause instanceof Error ? cause.message : String(cause)}`,
      {cause},
    )
  })
  belongings.keep('the practice target', practice)
  progress.end()
  show(profileText(practice.target.urls))
  progress.say(`${practice.target.description}; Ctrl-C ends it`)
  const loss = await Promise.race([aborted(signal), lostForGood(practice, progress)])
  if (loss !== undefined) throw new TargetError(`${loss.part} ended by itself: ${loss.why}`)
}

/** Says of each part that it ended and is started again; resolves when one is not. */
function lostForGood(practice: PracticeTarget, progress: Progress): Promise<Loss> {
  return new Promise((resolve) => {
    practice.onLoss((loss) => {
      if (loss.again) progress.say(`${loss.part} ended by itself and is started again: ${loss.why}`)
      else resolve(loss)
    })
  })
}

/** A profile that any drill reads with --profile. */
function profileText(urls: readonly string[]): string {
  return [
    '# A profile of the practice target, as long as it runs.',
    'protocol: practice',
    'targets:',
    ...urls.map((url) => `  - ${url}`),
    '',
  ].join('\n')
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), {once: true})
  })
}
