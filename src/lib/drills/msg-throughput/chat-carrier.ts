/** A chat as a way of messages: publishers say them in rooms, consumers hear them there. */
import {TargetError} from '../../base/errors.js'
import {formatCount} from '../../base/format-units.js'
import type {Ms} from '../../base/units.js'
import {askHistory} from '../../chat/history.js'
import type {Identities} from '../../chat/identities.js'
import type {ChatShare} from '../../chat/share.js'
import {quietCounters, type UserCounters} from '../../chat/user-counters.js'
import type {UserEvents} from '../../chat/user-parts.js'
import {Users} from '../../chat/users.js'
import {momentsOf} from '../../faults/course/moments.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import type {Carrier, CarrierListener, Outgoing, Recalled} from '../../protocols/messaging/carrier.js'
import {chatPeople, chatPlan, consumersOf, nodeOfConsumer, publishersOf} from './chat-people.js'
import type {Desk, DeskParts} from './desk.js'
import type {MsgThroughputShare} from './share.js'

/** What comes out of a chat has its stamp read already. */
export interface ChatListener extends CarrierListener {
  stamped(seat: number, stamp: {readonly voice: number; readonly sequence: number; readonly due: Ms}): void
}

export interface ChatCarrierParts {
  readonly share: MsgThroughputShare
  readonly kit: WorkerKit
  readonly listener: ChatListener
  readonly identities: Identities
  /** Makes what sends messages and waits for their answers. */
  readonly desk: (parts: DeskParts) => Desk
}

export class ChatCarrier implements Carrier {
  readonly #parts: ChatCarrierParts
  readonly #publishers: Users | undefined
  readonly #consumers: Users
  readonly #desk: Desk
  /** Why users were not let in, while all are opened. */
  readonly #refusals: string[] = []
  #opening = true

  constructor(parts: ChatCarrierParts) {
    const {share, kit, listener, identities} = parts
    const {layout} = share.plan
    this.#parts = parts
    const seating = {people: chatPeople(layout), target: share.target, sources: share.sources}
    const seatOf = (user: number): number => user - layout.publishers
    this.#desk = parts.desk({
      share,
      listener,
      clock: kit.clock,
      identities,
      present: (voice) => this.#publishers?.present(voice),
    })
    // Who publishes by requests sits in no room.
    if (share.plan.transport === 'ws')
      this.#publishers = this.#users({...seating, plan: chatPlan(publishersOf(layout))}, this.#publishing())
    this.#consumers = this.#users(
      {...seating, plan: chatPlan(consumersOf(layout))},
      {
        entered: (user) => listener.entered(seatOf(user)),
        lost: (user) => listener.left(seatOf(user)),
        stamp: ({user}, voice, sequence, due) => listener.stamped(seatOf(user), {voice, sequence, due}),
        acked: () => undefined,
        publishRefused: () => undefined,
      },
      (user) => nodeOfConsumer(layout, user),
    )
  }

  async open(): Promise<void> {
    const {clock, signal} = this.#parts.kit
    const startAtMs = clock.now()
    await Promise.all([this.#publishers?.connect(startAtMs), this.#consumers.connect(startAtMs)])
    this.#opening = false
    if (this.#refusals.length === 0 || signal.aborted) return
    const [reason = ''] = this.#refusals
    throw new TargetError(`${formatCount(this.#refusals.length)} users were not let in: ${reason}`, {
      hint: "ask with 'proofload doctor --target …' what the target answers, or use fewer --rooms",
    })
  }

  publish(message: Outgoing): boolean {
    return this.#desk.send(message)
  }

  async recall(rooms: Iterable<number>): Promise<Recalled | undefined> {
    const {share, kit, identities} = this.#parts
    const seating = {people: chatPeople(share.plan.layout), target: share.target}
    return await askHistory(seating, kit, {identities, rooms})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#publishers?.close(), this.#consumers.close()])
    await this.#desk[Symbol.asyncDispose]()
    await this.#parts.identities[Symbol.asyncDispose]()
  }

  #publishing(): UserEvents {
    return {
      entered: () => undefined,
      lost: (voice) => this.#desk.lost(voice),
      stamp: () => undefined,
      acked: (connection, id) => this.#desk.answered(connection.user, id, 'accepted'),
      publishRefused: (connection, id) => this.#desk.answered(connection.user, id, 'failed'),
    }
  }

  #users(share: ChatShare, events: UserEvents, nodeOf = (user: number) => user): Users {
    const {kit, identities} = this.#parts
    return new Users(share, {kit, identities, events, counters: this.#counters(), nodeOf})
  }

  #counters(): UserCounters {
    const {kit, listener} = this.#parts
    const note = momentsOf(kit)
    const failed = (reason: string): void => {
      if (this.#opening) this.#refusals.push(reason)
      else listener.lost(reason)
    }
    return {
      ...quietCounters,
      retried: () => note('attempts', kit.clock.now()),
      reconnected: () => note('back', kit.clock.now()),
      error: failed,
      // Who was cut off is seen to come back; of other transports' connections nobody tells that.
      disconnected(reason) {
        failed(reason)
        note('cut', kit.clock.now())
      },
    }
  }
}
