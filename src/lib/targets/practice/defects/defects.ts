/** The defects that a node has now, gathered into the few places where the node looks. */
import type {Bus} from '../bus.js'
import {lastSign, type LastSign} from '../idle.js'
import type {Member, Room} from '../members.js'
import type {Subscriptions} from '../subscriptions.js'
import type {Output} from '../output.js'
import type {Shards} from '../shards.js'
import type {Accepting, Defect, DefectKit, Deliver, Delivery, Desk, Sending} from './defect.js'
import {makeDefect} from './make-defect.js'
import type {DefectSpec} from './parse-defect.js'

/** The parts of a node into which defects are put. */
export interface Places {
  readonly output: Output
  readonly subscriptions: Subscriptions
  readonly bus: Pick<Bus, 'delay'>
  readonly shards: Shards
}

export class Defects {
  /** Each is undefined while no defect needs it, so that the good path pays one check. */
  refusesHandshake: (() => boolean) | undefined
  deliver: Deliver | undefined
  broadcast: ((delivery: Delivery, deliver: Deliver) => void) | undefined
  /** When a connection last gave a sign of life, as this node sees it. */
  lastSign: LastSign = lastSign
  /** A message's way into its shard, and from there to the nodes; as it was given, while no defect is in it. */
  accept: Accepting = nowhere
  send: Sending = nowhere
  #way: {readonly accept: Accepting; readonly send: Sending; readonly desk: Desk} | undefined
  #current: readonly Defect[] = []
  #specs: readonly DefectSpec[] = []

  readonly #usualDelay: Bus['delay']

  constructor(private readonly places: Places) {
    this.#usualDelay = places.bus.delay
  }

  /** Called once, when the node's own way is built. */
  lead(way: {readonly accept: Accepting; readonly send: Sending; readonly desk: Desk}): void {
    this.#way = way
    this.#hook()
  }

  get specs(): readonly DefectSpec[] {
    return this.#specs
  }

  /** Replaces all defects; resolves once the node's subscriptions fit them. */
  async set(specs: readonly DefectSpec[], kit: DefectKit): Promise<void> {
    this.end()
    this.#specs = specs
    this.#current = specs.map((spec, place) => {
      return makeDefect(spec, {...kit, random: kit.random.fork(`${spec.name}-${place}`)})
    })
    this.#hook()
    await this.places.subscriptions.setDeaf(this.#current.some((defect) => defect.deaf === true))
  }

  /** Whether somebody gets into a full room all the same; every defect has its say. */
  whenFull(room: Room, newcomer: Member): boolean {
    return having(this.#current, 'whenFull').filter((defect) => defect.whenFull(room, newcomer)).length > 0
  }

  /** Whether a connection that ended stays in its rooms. */
  staysSeated(member: Member): boolean {
    return having(this.#current, 'staysSeated').some((defect) => defect.staysSeated(member))
  }

  redisLost(): void {
    for (const defect of this.#current) defect.redisLost?.()
  }

  redisBack(): void {
    for (const defect of this.#current) defect.redisBack?.()
  }

  /** Whether the node hears nothing any more after an outage of Redis. */
  staysDeaf(): boolean {
    return this.#current.some((defect) => defect.staysDeaf === true)
  }

  /** Whether a message that an outage of Redis caught is not brought. */
  dropsMissed(message: object): boolean {
    return having(this.#current, 'dropsMissed').some((defect) => defect.dropsMissed(message))
  }

  /** Whether a message that could not be stored is acked. */
  acksUnstored(message: object): boolean {
    return having(this.#current, 'acksUnstored').some((defect) => defect.acksUnstored(message))
  }

  /** The node is good again, and what was withheld is sent. */
  end(): void {
    for (const defect of this.#current) defect.end?.()
    this.#current = []
    this.#specs = []
    this.#hook()
  }

  #hookWay(): void {
    if (this.#way === undefined) return
    const {accept, send, desk} = this.#way
    this.accept = having(this.#current, 'accepting').reduce((next, defect) => defect.accepting(next, desk), accept)
    this.send = having(this.#current, 'sending').reduce((next, defect) => defect.sending(next, desk), send)
  }

  #hook(): void {
    const direct: Deliver = (member, {frame}) => this.places.output.send(member, frame)
    const refusing = having(this.#current, 'refusesHandshake')
    const delivering = having(this.#current, 'deliver')
    const broadcasting = having(this.#current, 'broadcast')
    this.refusesHandshake =
      refusing.length === 0 ? undefined : () => refusing.some((defect) => defect.refusesHandshake())
    this.deliver =
      delivering.length === 0 ? undefined : delivering.reduce((next, defect) => defect.deliver(next), direct)
    this.broadcast =
      broadcasting.length === 0
        ? undefined
        : (delivery, deliver) => {
            for (const defect of broadcasting) defect.broadcast(delivery, deliver)
          }
    this.lastSign = having(this.#current, 'lastSign').reduce((next, defect) => defect.lastSign(next), lastSign)
    const {output, bus, shards} = this.places
    output.send = having(this.#current, 'output').reduce((next, defect) => defect.output(next), output.direct)
    shards.placing = having(this.#current, 'placing').reduce((next, defect) => defect.placing(next), shards.evenly)
    this.#hookWay()
    const hasty = having(this.#current, 'reconnectDelay')[0]
    bus.delay = hasty === undefined ? this.#usualDelay : (attempt) => hasty.reconnectDelay(attempt)
  }
}

function nowhere(): void {
  throw new Error('the way of messages is not built yet')
}

function having<Hook extends keyof Defect>(defects: readonly Defect[], hook: Hook) {
  return defects.filter((defect): defect is Defect & Required<Pick<Defect, Hook>> => defect[hook] !== undefined)
}
