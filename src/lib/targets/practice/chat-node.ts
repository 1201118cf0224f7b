/** One node of the practice target: members in rooms, fed by the bus, with their messages in the store. */
import type {IncomingMessage, ServerResponse} from 'node:http'
import {WebSocketServer, type RawData} from 'ws'
import {seededRandom} from '../../base/random.js'
import type {Ms} from '../../base/units.js'
import type {Bus, BusEvents} from './bus.js'
import {Counts} from './counts.js'
import type {Defects} from './defects/defects.js'
import type {DefectSpec} from './defects/parse-defect.js'
import {errorFrame, PONG_FRAME, refusedFrame} from './frames.js'
import {closeIdle} from './idle.js'
import {IDLE_MS, MAX_FRAME_BYTES} from './limits.js'
import type {Member} from './members.js'
import type {Output} from './output.js'
import type {Publishing} from './publishing.js'
import {parseRequest, type Request} from './requests.js'
import type {Rooms} from './rooms.js'
import {SocketMember, type Home} from './socket-member.js'
import {StreamMember} from './stream-member.js'
import {Workings, type WorkingParts} from './workings.js'

export interface ChatNodeParts extends Omit<WorkingParts, 'counts'> {
  /** Counted from 0. */
  readonly index: number
  /** How many nodes there are; 1. */
  readonly nodes?: number
  /** How long a connection may be silent both ways before it is closed. */
  readonly idleMs?: Ms
  /** Ends the process as a bug would; for a defect. */
  crash?(why: string): void
  /** Makes the link to the other nodes; called once. */
  connectBus(events: BusEvents): Promise<Bus>
}

const SWEEP_MS = 1000

export class ChatNode implements Home {
  readonly counts = new Counts()
  readonly members = new Set<Member>()
  readonly rooms: Rooms
  readonly defects: Defects
  readonly publishing: Publishing
  readonly #workings: Workings
  readonly #output: Output
  readonly #sockets = new WebSocketServer({
    noServer: true,
    WebSocket: SocketMember,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: MAX_FRAME_BYTES,
    autoPong: false,
  })
  readonly #sweep: NodeJS.Timeout
  readonly #endIdling: () => void

  private constructor(
    readonly parts: ChatNodeParts,
    readonly bus: Bus,
  ) {
    this.#workings = new Workings({...parts, counts: this.counts}, bus)
    ;({rooms: this.rooms, defects: this.defects, publishing: this.publishing, output: this.#output} = this.#workings)
    this.#sweep = setInterval(() => void this.rooms.sweep(), SWEEP_MS)
    this.#endIdling = closeIdle({
      idleMs: parts.idleMs ?? IDLE_MS,
      clock: parts.clock,
      members: this.members,
      lastSign: () => this.defects.lastSign,
    })
  }

  /** Rejects when the bus cannot be reached. */
  static async open(parts: ChatNodeParts): Promise<ChatNode> {
    const events: BusEvents = {
      message: (channel, text) => node.#workings.hearing.message(channel, text),
      lost: () => node.#redisLost(),
      restored: () => void node.#workings.catchUp.restored(),
      muted: () => node.publishing.outbox.pause(),
      sendable: () => node.#sendable(),
    }
    const node = new ChatNode(parts, await parts.connectBus(events))
    return node
  }

  /** Completes a WebSocket handshake for `user`. */
  welcome(request: IncomingMessage, head: Buffer, user: string): void {
    const socket = request.socket
    this.#sockets.handleUpgrade(request, socket, head, (member) => {
      this.counts.handshakes++
      this.members.add(member)
      member.settle(this, user, socket)
      this.alive(member)
    })
  }

  /** Answers with the events of a room, for as long as the connection lasts. */
  stream(response: ServerResponse, user: string, room: string): void {
    const member = new StreamMember(user, response, this.parts.clock.now())
    this.members.add(member)
    response.on('error', () => response.destroy())
    response.on('close', () => this.left(member))
    this.rooms.join(member, room)
  }

  async setDefects(specs: readonly DefectSpec[], seed: string): Promise<void> {
    const {index, clock, shards, nodes = 1} = this.parts
    const random = seededRandom(seed).fork(`node-${index}`)
    const {members, rooms} = this
    await this.defects.set(specs, {
      node: index,
      nodes,
      upkeeps: () => shards.all.flatMap(({upkeep}) => upkeep ?? []),
      random,
      clock,
      members: () => members,
      rooms: () => rooms.all(),
      forget: (member) => rooms.forget(member),
      crash: (why) => this.parts.crash?.(why),
    })
  }

  received(member: SocketMember, data: RawData, binary: boolean): void {
    this.counts.received++
    this.alive(member)
    if (binary) return this.#reproach(member, 'text frames only')
    this.#answer(member, parseRequest((data as Buffer).toString()))
  }

  left(member: Member): void {
    this.members.delete(member)
    if (!this.defects.staysSeated(member)) this.rooms.forget(member)
  }

  tell(member: SocketMember, frame: Buffer): void {
    this.#output.send(member, frame)
  }

  alive(member: Member): void {
    member.heardAt = this.parts.clock.now()
  }

  broke(): void {
    this.counts.protocolErrors++
  }

  /** Ends every connection and every timer; store and bus stay open. */
  close(): void {
    clearInterval(this.#sweep)
    this.#endIdling()
    this.#workings.close()
    for (const member of this.members) member.terminate()
  }

  #answer(member: SocketMember, request: Request): void {
    switch (request.type) {
      case 'join':
        return this.rooms.join(member, request.room)
      case 'leave':
        return this.rooms.leave(member, request.room)
      case 'publish':
        return this.#publish(member, request)
      case 'ping':
        return this.#output.send(member, PONG_FRAME)
      case 'malformed':
        return this.#reproach(member, request.reason)
    }
  }

  #publish(member: SocketMember, {room, id, body}: Request & {type: 'publish'}): void {
    if (this.rooms.room(room)?.members.has(member) !== true) {
      this.counts.refused++
      return this.#output.send(member, refusedFrame('not a member of the room', id))
    }
    this.publishing.accept({author: member, room, id, body})
  }

  #reproach(member: Member, reason: string): void {
    this.counts.protocolErrors++
    this.#output.send(member, errorFrame(reason))
  }

  #redisLost(): void {
    this.#workings.catchUp.lost()
    this.defects.redisLost()
  }

  #sendable(): void {
    this.rooms.tellSeats()
    this.publishing.outbox.resume()
  }
}
