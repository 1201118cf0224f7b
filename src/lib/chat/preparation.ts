/** Leads the workers through what comes before and after the load: rooms, memberships and tokens are made, and removed again. */
import type {Clock} from '../base/clock.js'
import {formatCount, formatDuration, formatRate} from '../base/format-units.js'
import type {Ms} from '../base/units.js'
import type {Crew} from '../load/crew.js'
import {noting, type Note} from '../load/noting.js'
import type {Auth} from '../targets/auth/schema.js'
import type {RequestSpec} from '../targets/requests/schema.js'
import type {Target} from '../targets/target.js'
import {usersOf, type People} from './people.js'
import {countOf, rateOf} from './premises-items.js'
import type {PremisesSteps} from './premises-steps.js'
import type {Removal} from './premises.js'

/** Beyond the time that a teardown needs at its rates. */
const SPARE: Ms = 30_000
/** Whoever interrupts does not want to wait for longer. */
const AT_MOST_INTERRUPTED: Ms = 60_000

const WORDS: Readonly<Record<RequestSpec['each'], string>> = {run: 'requests', room: 'rooms', user: 'users'}

/** What it needs of a drill's world. */
export interface PreparationKit {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly target: Target
  note(note: Note): void
}

export class Preparation implements AsyncDisposable {
  readonly #people: People
  readonly #kit: PreparationKit
  readonly #crew: Crew<PremisesSteps>
  #removal: Removal | undefined
  #begun = false
  #loaded = false

  constructor(people: People, kit: PreparationKit, crew: Crew<PremisesSteps>) {
    this.#people = people
    this.#kit = kit
    this.#crew = crew
  }

  /** Sends the requests of the set-up, one after the other. Rejects with a TargetError, or with the signal's reason. */
  async setUp(): Promise<void> {
    const {setup} = this.#kit.target.profile
    for (const [index, spec] of setup.entries()) {
      this.#begin()
      const before = this.#crew.measurements.total('setup_requests')
      const count = countOf(spec.each, this.#people)
      await noting(this.#kit, this.#crew.step('setUp', {index}), () => {
        const done = this.#crew.measurements.total('setup_requests') - before
        const what = `${spec.method ?? 'POST'} for ${formatCount(done)} of ${formatCount(count)} ${WORDS[spec.each]}`
        return {phase: 'set-up', text: `${what} at ${formatRate(rateOf(spec))}`, done: done / count}
      })
      this.#kit.signal.throwIfAborted()
    }
  }

  /** Fetches or makes tokens where that takes its time. Rejects with a TargetError, or with the signal's reason. */
  async logIn(): Promise<void> {
    const {auth} = this.#kit.target.profile
    if (!takesTime(auth)) return
    this.#begin()
    const users = usersOf(this.#people)
    const before = this.#crew.measurements.total('logins')
    await noting(this.#kit, this.#crew.step('logIn', null), () => {
      const done = this.#crew.measurements.total('logins') - before
      const rate = auth.mode === 'request' ? rateOf(auth) : undefined
      const left =
        rate === undefined ? '' : ` at ${formatRate(rate)}, ${formatDuration(((users - done) * 1000) / rate)} left`
      return {
        phase: 'set-up',
        text: `tokens for ${formatCount(done)} of ${formatCount(users)} users${left}`,
        done: done / users,
      }
    })
    this.#kit.signal.throwIfAborted()
  }

  /** From here on users may be in rooms. */
  loadBegins(): void {
    this.#loaded = true
  }

  /** Removes what was made, once. What fails is told, and spoils nothing. */
  async tearDown(): Promise<Removal | undefined> {
    const {teardown} = this.#kit.target.profile
    const needed = teardown.length > 0 && (this.#begun || this.#loaded)
    if (!needed || this.#removal) return this.#removal
    this.#removal = {removed: 0, failed: 0, left: 0, firstFailure: undefined}
    this.#kit.note({phase: 'teardown', text: 'removing what was made for this run'})
    const input = {forMs: this.#patience(teardown), loaded: this.#loaded}
    const parts = await this.#crew.step('tearDown', input)
    this.#removal = parts.reduce(plus, this.#removal)
    this.#kit.note({phase: 'teardown', text: wordsOf(this.#removal)})
    return this.#removal
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tearDown()
  }

  #patience(teardown: readonly RequestSpec[]): Ms {
    const needed = teardown.reduce((sum, spec) => sum + (countOf(spec.each, this.#people) * 1000) / rateOf(spec), 0)
    return Math.min(needed + SPARE, this.#kit.signal.aborted ? AT_MOST_INTERRUPTED : Infinity)
  }

  #begin(): void {
    if (!this.#begun) this.#crew.begin('set-up', this.#kit.clock.now())
    this.#begun = true
  }
}

/** RS256 takes about a millisecond of CPU for each token, which would make users late that connect by the thousand. */
function takesTime(auth: Auth): boolean {
  return auth.mode === 'request' || (auth.mode === 'sign' && auth.algorithm === 'RS256')
}

function plus(one: Removal, other: Removal): Removal {
  return {
    removed: one.removed + other.removed,
    failed: one.failed + other.failed,
    left: one.left + other.left,
    firstFailure: one.firstFailure ?? other.firstFailure,
  }
}

function wordsOf({removed, failed, left, firstFailure}: Removal): string {
  const parts = [`${formatCount(removed)} removed`]
  if (failed > 0) parts.push(`${formatCount(failed)} not removed (${firstFailure ?? ''})`)
  if (left > 0) parts.push(`${formatCount(left)} left, as the time was up`)
  return parts.join(', ')
}
