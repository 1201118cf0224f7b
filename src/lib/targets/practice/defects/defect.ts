/** Where a defect may take hold of a node. Each hook is optional; a node without defects has none of them in its way. */
import type {Clock} from '../../../base/clock.js'
import type {Random} from '../../../base/random.js'
import type {Ms} from '../../../base/units.js'
import type {LastSign} from '../idle.js'
import type {Member, Room} from '../members.js'
import type {Send} from '../output.js'
import type {Pending, Stored} from '../pending.js'
import type {Placing} from '../shards.js'
import type {Upkeep} from '../upkeep.js'

/** One room message as it is about to go to the members on this node. */
export interface Delivery {
  readonly room: Room
  /** The JSON text as it came from Redis. */
  readonly text: Buffer
  /** The encoded WebSocket frame. */
  readonly frame: Buffer
}

/** Brings one delivery to one member. */
export type Deliver = (member: Member, delivery: Delivery) => void

/** Takes a message that came. */
export type Accepting = (message: Pending) => void

/** Takes messages that are stored, in order, to be sent to all nodes. */
export type Sending = (batch: readonly Stored[]) => void

/** What a defect on a message's way may do with it. */
export interface Desk {
  /** Tells the author; only the first time counts. */
  readonly acknowledge: (stored: Stored) => void
  /** Under a number of its own. */
  readonly store: (message: Pending) => void
}

export interface Defect {
  /** True: this handshake is answered with 503. */
  refusesHandshake?(): boolean
  /** Comes between a delivery and one receiver; calls `next` as often as the receiver shall get it. */
  deliver?(next: Deliver): Deliver
  /** Called once for each room message that reached the node, after its members got it. */
  broadcast?(delivery: Delivery, deliver: Deliver): void
  /** Comes between every frame, replies too, and its receiver. */
  output?(next: Send): Send
  /** Called when a room has no seat for `newcomer`; true lets it in all the same. */
  whenFull?(room: Room, newcomer: Member): boolean
  /** True: a connection that ended stays in its rooms. */
  staysSeated?(member: Member): boolean
  /** Says when a connection last gave a sign of life. */
  lastSign?(next: LastSign): LastSign
  /** True: this node hears no broadcast. */
  readonly deaf?: boolean
  /** Called when the link to Redis over which this node hears is lost, and when all is heard again. */
  redisLost?(): void
  redisBack?(): void
  /** How long the node waits before each attempt to reach Redis again, counted from 1. */
  reconnectDelay?(attempt: number): Ms
  /** True: the node hears nothing any more after an outage of Redis. */
  readonly staysDeaf?: boolean
  /** True: this message, which an outage of Redis caught, is not brought. */
  dropsMissed?(message: object): boolean
  /** Comes between a message that was accepted, and its being stored. */
  accepting?(next: Accepting, desk: Desk): Accepting
  /** Comes between messages that are stored, and their being sent. */
  sending?(next: Sending, desk: Desk): Sending
  /** Says in which shard a room is kept. */
  placing?(next: Placing): Placing
  /** True: this message, which could not be stored, is acked. */
  acksUnstored?(message: object): boolean
  /** Ends its timers and lets go of what it holds back, in order. */
  end?(): void
}

/** What a defect may know of its node. */
export interface DefectKit {
  readonly node: number
  /** How many there are. */
  readonly nodes: number
  readonly random: Random
  readonly clock: Clock
  readonly members: () => Iterable<Member>
  readonly rooms: () => Iterable<Room>
  /** Of each shard that has any. */
  readonly upkeeps: () => readonly Upkeep[]
  /** Takes a connection that ended out of its rooms. */
  readonly forget: (member: Member) => void
  /** Ends the process. */
  readonly crash: (why: string) => void
}
