/** A message's way: into its shard, then to the other nodes, then the ack; in order, and never dropped in silence. */
import type {Clock} from '../../base/clock.js'
import type {Random} from '../../base/random.js'
import type {Bus} from './bus.js'
import type {Counts} from './counts.js'
import type {Defects} from './defects/defects.js'
import {MAX_PENDING_MESSAGES} from './limits.js'
import {Outbox} from './outbox.js'
import type {Pending, Publication, Refusal, Stored} from './pending.js'
import type {Shards} from './shards.js'
import {StoreLane} from './store-lane.js'

interface Parts {
  readonly shards: Shards
  readonly bus: Bus
  readonly counts: Counts
  readonly clock: Clock
  readonly random: Random
  readonly defects: Defects
}

/** All messages of a room go through one shard's lane, and so does what one sender says there: its order is kept. */
export class Publishing {
  readonly outbox: Outbox
  readonly #lanes: readonly StoreLane[]
  readonly #ending = new AbortController()
  #number = 0

  constructor(private readonly parts: Parts) {
    const {bus, clock, defects, shards} = parts
    const ending = this.#ending.signal
    const acknowledge = ({message, id}: Stored): void => this.#acknowledge(message, id)
    this.outbox = new Outbox({bus, clock, defects, ending, acknowledge})
    const store = this.#store.bind(this)
    defects.lead({accept: store, send: this.outbox.add.bind(this.outbox), desk: {acknowledge, store}})
    const common = {
      ...parts,
      ending,
      stored: (batch: readonly Stored[]) => defects.send(batch),
      refuse: this.#refuse.bind(this),
      gaveUp: this.#gaveUp.bind(this),
    }
    this.#lanes = shards.all.map((store) => new StoreLane({...common, store}))
  }

  /** Messages that wait for Postgres. */
  get held(): number {
    return this.#lanes.reduce((sum, {held}) => sum + held, 0)
  }

  /** Whether a shard does not answer. */
  get storeAway(): boolean {
    return this.#lanes.some(({away}) => away)
  }

  accept(publication: Publication): void {
    const {clock, defects} = this.parts
    const {author, room, id, body} = publication
    const message = {author, room, id, body, number: 0, acked: false, since: clock.now(), time: clock.date().getTime()}
    if (this.held + this.outbox.size >= MAX_PENDING_MESSAGES) this.#refuse(message, {reason: 'too busy', busy: true})
    else defects.accept(message)
  }

  /** Nothing is tried any more. */
  close(): void {
    this.#ending.abort()
  }

  #gaveUp(message: Pending): boolean {
    const acked = this.parts.defects.acksUnstored(message)
    if (acked) this.#acknowledge(message, 0)
    return acked
  }

  #store(message: Pending): void {
    message.number = ++this.#number
    this.#lanes[this.parts.shards.placing(message.room)]?.add(message)
  }

  #acknowledge(message: Pending, id: number): void {
    if (message.acked) return
    message.acked = true
    this.parts.counts.published++
    message.author.acked(message.id, id)
  }

  #refuse(message: Pending, refusal: Refusal): void {
    if (message.acked) return
    this.parts.counts.refused++
    message.author.refused(message.id, refusal)
  }
}
