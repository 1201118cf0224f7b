/** Watches when silent connections are closed, and that those which keep alive or receive are not. */
import type {Ms} from '../../base/units.js'
import type {Identities} from '../../chat/identities.js'
import {roomOf, roomStart, type Roster} from '../../chat/roster.js'
import {alone, shareWith} from '../../chat/share.js'
import {quietCounters, userCounters} from '../../chat/user-counters.js'
import type {UserEvents} from '../../chat/user-parts.js'
import {Users} from '../../chat/users.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import type {IdlePlan} from './idle-plan.js'
import {populationOf, type Population} from './population.js'
import type {WsFloodShare} from './share.js'

const LOOK_EVERY: Ms = 20

export class IdleCheck {
  /** Those that only receive, and the one in each of their rooms that speaks. */
  readonly receiving: Population
  readonly #silent: Users
  readonly #keeping: Users
  readonly #idle: IdlePlan
  readonly #kit: WorkerKit
  readonly #count
  /** Silent users that are not judged yet, with the time at which they fell silent. */
  readonly #silentSince = new Map<number, Ms>()
  /** Active users that are there. */
  readonly #active = new Set<number>()
  #watching = true

  constructor(share: WsFloodShare, kit: WorkerKit, {idle, identities}: {idle: IdlePlan; identities: Identities}) {
    this.#idle = idle
    this.#kit = kit
    this.#count = countersOf(kit)
    const counters = {...quietCounters, protocolError: userCounters(kit).protocolError}
    const loners = (roster: Roster, keepAlive: Ms | 'never', events: Pick<UserEvents, 'entered' | 'ended'>): Users =>
      new Users(shareWith(share, {roster, keepAlive, reconnect: 'off'}), {
        kit: alone(kit),
        identities,
        counters,
        events: {...this.#deafEvents(), ...events},
      })
    this.#silent = loners(idle.silent, 'never', {
      entered: (user) => void this.#silentSince.set(user, kit.clock.now()),
      ended: (user) => this.#silentEnded(user),
    })
    const active = {entered: (user: number) => void this.#active.add(user), ended: this.#activeEnded}
    this.#keeping = loners(idle.keeping, idle.signEveryMs, active)
    const {receiving: roster, messageRate, watchMs: durationMs} = idle
    const changes = {roster, messageRate, durationMs, speakersPerRoom: 1, keepAlive: 'never', reconnect: 'off'} as const
    this.receiving = populationOf(shareWith(share, changes), alone(kit), {
      identities,
      counters,
      entered: (user) => {
        this.receiving.book.enter(user)
        if (!this.#speaks(user)) active.entered(user)
      },
      ended: (user, ending) => {
        if (!this.#speaks(user)) active.ended(user, ending)
      },
    })
  }

  /** Those that receive come first, so that they are told something from the start; ends when every silent one is judged. */
  async run(startAtMs: Ms): Promise<void> {
    const {users, talk} = this.receiving
    const {clock} = this.#kit
    await users.connect(startAtMs)
    const talking = talk.run(users, clock.now())
    await this.#keeping.connect(clock.now())
    await this.#silent.connect(clock.now())
    await this.#judgeSilent()
    this.#watching = false
    if (!this.#kit.signal.aborted) this.#count.active.add(this.#phase, this.#active.size)
    await talking
  }

  /** Users that have a connection. */
  get size(): number {
    return this.#silent.size + this.#keeping.size + this.receiving.users.size
  }

  async close(): Promise<void> {
    this.#watching = false
    await Promise.all([this.#silent.close(), this.#keeping.close(), this.receiving.users.close()])
  }

  get #phase(): string {
    return this.#kit.timeline.at(this.#kit.clock.now())
  }

  /** Until each was closed or is overdue. */
  async #judgeSilent(): Promise<void> {
    const {clock, signal} = this.#kit
    const {lengthMs, toleranceMs} = this.#idle
    while (this.#silentSince.size > 0 && !signal.aborted) {
      await clock.sleep(LOOK_EVERY, signal)
      const overdue = clock.now() - lengthMs - toleranceMs
      for (const [user, since] of this.#silentSince) {
        if (since >= overdue) continue
        this.#silentSince.delete(user)
        this.#count.silent.add(this.#phase)
        this.#count.notClosed.add(this.#phase)
      }
    }
  }

  #silentEnded(user: number): void {
    const since = this.#silentSince.get(user)
    if (since === undefined || !this.#watching) return
    this.#silentSince.delete(user)
    this.#count.silent.add(this.#phase)
    this.#count.closeError.record(this.#phase, Math.abs(this.#kit.clock.now() - since - this.#idle.lengthMs))
  }

  /** Those that stay are only counted when all was watched to the end. */
  readonly #activeEnded: NonNullable<UserEvents['ended']> = (user) => {
    if (!this.#watching || !this.#active.delete(user)) return
    this.#count.active.add(this.#phase)
    this.#count.activeClosed.add(this.#phase)
  }

  #speaks(user: number): boolean {
    const {receiving} = this.#idle
    return roomStart(receiving, roomOf(receiving, user)) === user
  }

  /** Nobody speaks in the rooms of those that are alone, so whatever is delivered there is wrong. */
  #deafEvents(): UserEvents {
    const unexpected = this.#kit.tally.counter('messages_unexpected')
    const nothing = (): void => undefined
    return {
      entered: nothing,
      lost: nothing,
      stamp: () => unexpected.add(this.#phase),
      acked: nothing,
      publishRefused: nothing,
    }
  }
}

function countersOf({tally}: WorkerKit) {
  return {
    silent: tally.counter('idle_silent'),
    notClosed: tally.counter('idle_not_closed'),
    closeError: tally.distribution('idle_close_error'),
    active: tally.counter('idle_active'),
    activeClosed: tally.counter('active_closed'),
  }
}
