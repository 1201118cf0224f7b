/** What one worker makes before the load and removes after it: the rooms, memberships and tokens of its own users. */
import {setImmediate} from 'node:timers/promises'
import {TargetError} from '../base/errors.js'
import {redact} from '../base/redact.js'
import type {Ms} from '../base/units.js'
import type {WorkerKit} from '../load/worker-kit.js'
import {sender, type Answer, type Sender} from '../protocols/http/send.js'
import {tlsHint, tlsOptions} from '../protocols/tls.js'
import {WHO} from '../protocols/websocket/dialect.js'
import {pacer} from '../targets/auth/pacer.js'
import {prepareRequest, type PreparedRequest} from '../targets/requests/prepare.js'
import type {RequestSpec} from '../targets/requests/schema.js'
import {pinnedLookup} from '../targets/safety/pinned-lookup.js'
import type {Identities} from './identities.js'
import {itemsOf, rateOf, type Item} from './premises-items.js'
import type {Seating} from './share.js'

const TIMEOUT_MS: Ms = 10_000
/** Requests of one worker under way at the same time. */
const AT_ONCE = 32
/** As much of a refusal as is shown. */
const SHOWN_CHARACTERS = 200

/** What a teardown came to. */
export interface Removal {
  readonly removed: number
  readonly failed: number
  /** Not asked for, as the time was up. */
  readonly left: number
  readonly firstFailure: string | undefined
}

type Each = RequestSpec['each']

/** What it needs of a worker's world. */
export interface PremisesKit extends Pick<WorkerKit, 'index' | 'workers' | 'clock' | 'signal'> {
  readonly tally: {counter(name: string): {add(phase: string): void}}
}

export class Premises {
  readonly #share: Pick<Seating, 'people' | 'target'>
  readonly #kit: PremisesKit
  readonly #identities: Identities
  readonly #sender: Sender
  readonly #halt = new AbortController()
  /** What was made, or may have been, by its number. */
  readonly #made: Readonly<Record<Each, Set<number>>> = {run: new Set(), room: new Set(), user: new Set()}
  #underWay: Promise<unknown> = Promise.resolve()

  constructor(share: Pick<Seating, 'people' | 'target'>, kit: PremisesKit, identities: Identities) {
    const {tls, allowed} = share.target
    this.#share = share
    this.#kit = kit
    this.#identities = identities
    this.#sender = sender({timeoutMs: TIMEOUT_MS, lookup: pinnedLookup(allowed), tls: tlsOptions(tls)})
  }

  /** Carries out one request of the set-up for all that is this worker's own. Rejects with a TargetError for the first that is refused. */
  async setUp(index: number): Promise<void> {
    const spec = this.#share.target.profile.setup[index]
    if (!spec) return
    const signal = AbortSignal.any([this.#kit.signal, this.#halt.signal])
    const made = this.#made[spec.each]
    const work = this.#spend(
      spec,
      itemsOf(spec.each, this.#share.people, this.#kit),
      {signal, name: `setup[${index}]`},
      (item, answer, prepared) => {
        const good = isExpected(spec, answer)
        if (good || answer.state === 'unknown') made.add(item.n)
        if (good) this.#kit.tally.counter('setup_requests').add('')
        else throw refusal(prepared, answer)
      },
    )
    this.#underWay = work.catch(() => undefined)
    await work
  }

  /** Fetches or signs every token, ahead of the load, so that no login counts as connecting. Rejects with a TargetError. */
  async logIn(): Promise<void> {
    const users = itemsOf('user', this.#share.people, this.#kit)
    const lane = async (): Promise<void> => {
      for (const {user} of users) {
        if (this.#kit.signal.aborted) return
        await this.#tokenOf(user)
        this.#kit.tally.counter('logins').add('')
      }
    }
    const work = Promise.all(Array.from({length: AT_ONCE}, lane))
    await work.catch((error: unknown) => {
      if (!this.#kit.signal.aborted) throw error
    })
  }

  /** Telling who a user is signs its token, which is kept; in between, whatever else this process has to do gets its turn. */
  async #tokenOf(user: number): Promise<void> {
    const admission = this.#identities.admit(user)
    if (admission) return admission
    this.#identities.who(user)
    await setImmediate()
  }

  /** Removes what was made, as far as the time allows; what fails is counted. Without a set-up of its kind a request is sent for all. */
  async tearDown({forMs, loaded}: {readonly forMs: Ms; readonly loaded: boolean}): Promise<Removal> {
    this.#halt.abort()
    await this.#underWay
    const {setup, teardown} = this.#share.target.profile
    const account = {removed: 0, failed: 0, left: 0, firstFailure: undefined as string | undefined}
    const timeUp = AbortSignal.timeout(forMs)
    for (const [index, spec] of teardown.entries()) {
      const wasMade = setup.some(({each}) => each === spec.each)
      const all = [...itemsOf(spec.each, this.#share.people, this.#kit)]
      const items = all.filter(({n}) => (wasMade ? this.#made[spec.each].has(n) : loaded))
      let answered = 0
      await this.#spend(spec, items, {signal: timeUp, name: `teardown[${index}]`}, (_, answer, prepared) => {
        answered++
        if (isExpected(spec, answer)) account.removed++
        else {
          account.failed++
          account.firstFailure ??= refusal(prepared, answer).message
        }
      })
      account.left += items.length - answered
    }
    await this.#sender[Symbol.asyncDispose]()
    return account
  }

  async #spend(
    spec: RequestSpec,
    items: Iterable<Item>,
    {signal, name}: {signal: AbortSignal; name: string},
    told: (item: Item, answer: Answer, prepared: PreparedRequest) => void,
  ): Promise<void> {
    const {clock, workers} = this.#kit
    const turn = pacer(rateOf(spec) / (spec.each === 'run' ? 1 : workers), clock, signal)
    const prepared = this.#prepare(spec, name)
    const waiting = items[Symbol.iterator]()
    let failed = false
    const tearingDown = this.#halt.signal.aborted
    const lane = async (): Promise<void> => {
      for (let next = waiting.next(); !next.done && !failed; next = waiting.next()) {
        if (!(await came(turn()))) return
        try {
          const answer = await this.#send(next.value, prepared, tearingDown)
          told(next.value, answer, prepared)
        } catch (error) {
          failed = true
          throw error
        }
      }
    }
    const lanes = await Promise.allSettled(Array.from({length: AT_ONCE}, lane))
    const broken = lanes.find((one) => one.status === 'rejected')
    if (broken) throw broken.reason
  }

  #prepare(spec: RequestSpec, at: string): PreparedRequest {
    const {profile, headers, urls} = this.#share.target
    const template = {...spec, headers: {...profile.headers, ...headers, ...spec.headers}}
    return prepareRequest(template, {names: WHO, method: spec.method ?? 'POST', target: urls[0], at})
  }

  /** Whoever cannot log in again removes with the token it has; the target says whether that will do. */
  async #send({n, user}: Item, prepared: PreparedRequest, tearingDown: boolean): Promise<Answer> {
    const admission = this.#identities.admit(user)
    await (tearingDown ? admission?.catch(() => undefined) : admission)
    return this.#sender.send(prepared.fill({...this.#identities.who(user), n}))
  }
}

/** False when the signal came before the turn did. */
async function came(turn: Promise<void>): Promise<boolean> {
  return turn.then(
    () => true,
    () => false,
  )
}

function isExpected({expect}: RequestSpec, answer: Answer): boolean {
  if (answer.state !== 'answered') return false
  return expect ? expect.includes(answer.status) : answer.status >= 200 && answer.status < 300
}

function refusal({shown}: PreparedRequest, answer: Answer): TargetError {
  if (answer.state !== 'answered') {
    const hint = tlsHint(answer.reason)
    return new TargetError(`no answer to ${shown}: ${answer.reason}`, hint === undefined ? {} : {hint})
  }
  const text = redact(answer.text).replaceAll(/\s+/g, ' ').trim().slice(0, SHOWN_CHARACTERS)
  const hint = answer.status === 429 ? {hint: 'lower its rate in the profile'} : {}
  return new TargetError(`${shown} answered ${answer.status}${text === '' ? '' : `: ${text}`}`, hint)
}
