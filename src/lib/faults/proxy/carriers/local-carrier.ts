/** Carries connections in this process: dials the upstream of each and joins the two. */
import {connect, type Socket, type TcpSocketConnectOpts} from 'node:net'
import {HostClock} from '../../../base/clock.js'
import {seededRandom} from '../../../base/random.js'
import {type Address, parseAddress} from '../address.js'
import {Connection} from '../link/connection.js'
import {HIGH_WATER} from '../link/link.js'
import type {Toxic} from '../toxic.js'
import type {Arrival, CarriedCounts, Carrier} from './carrier.js'

/** With several addresses behind a name: how long one is tried before the next; Node's own 250 ms are too few for a slow link. */
const TRY_ADDRESS_MS = 2000

/** What it knows of one proxy. */
interface Load {
  readonly connections: Set<Connection>
  toxics: readonly Toxic[]
  carried: number
  unreachable: number
  droppedBytes: number
}

export class LocalCarrier implements Carrier {
  readonly #clock = new HostClock()
  readonly #loads = new Map<string, Load>()
  readonly #seed: string
  readonly #ended: () => void
  readonly busy = false
  #open = 0

  /** `ended` is called at the end of each connection. */
  constructor(seed: string, ended: () => void = () => undefined) {
    this.#seed = seed
    this.#ended = ended
  }

  get open(): number {
    return this.#open
  }

  carry(arrival: Arrival, client: Socket): void {
    const load = this.#loadOf(arrival.proxy)
    const address = parseAddress(arrival.upstream)
    if (address === undefined) {
      load.unreachable++
      client.resetAndDestroy()
      this.#ended()
      return
    }
    const upstream = connect(this.#dialling(address))
    const unreachable = () => load.unreachable++
    upstream.once('error', unreachable).once('connect', () => upstream.off('error', unreachable))
    const random = (label: string) => seededRandom(`${this.#seed} ${arrival.proxy} ${arrival.number} ${label}`)
    const ended = () => this.#end(load, connection)
    const dropped = (bytes: number) => (load.droppedBytes += bytes)
    const connection = new Connection(client, upstream, {now: () => this.#clock.now(), random, dropped, ended})
    connection.shape(load.toxics)
    load.connections.add(connection)
    load.carried++
    this.#open++
  }

  shape(proxy: string, toxics: readonly Toxic[]): Promise<void> {
    const load = this.#loadOf(proxy)
    load.toxics = toxics
    for (const connection of load.connections) connection.shape(toxics)
    return Promise.resolve()
  }

  drop(proxy: string): Promise<void> {
    for (const connection of this.#loadOf(proxy).connections) connection.destroy()
    return Promise.resolve()
  }

  counts(): Promise<ReadonlyMap<string, CarriedCounts>> {
    const counts = [...this.#loads].map(([proxy, {connections, carried, unreachable, droppedBytes}]) => {
      return [proxy, {open: connections.size, carried, unreachable, droppedBytes}] as const
    })
    return Promise.resolve(new Map(counts))
  }

  stop(): void {
    for (const proxy of this.#loads.keys()) void this.drop(proxy)
  }

  /** Node knows `highWaterMark` here, its types do not. */
  #dialling(address: Address): TcpSocketConnectOpts & {highWaterMark: number} {
    const options = {allowHalfOpen: true, autoSelectFamilyAttemptTimeout: TRY_ADDRESS_MS, highWaterMark: HIGH_WATER}
    return {...address, ...options}
  }

  #end(load: Load, connection: Connection): void {
    load.connections.delete(connection)
    this.#open--
    this.#ended()
  }

  #loadOf(proxy: string): Load {
    const known = this.#loads.get(proxy)
    if (known !== undefined) return known
    const load: Load = {connections: new Set(), toxics: [], carried: 0, unreachable: 0, droppedBytes: 0}
    this.#loads.set(proxy, load)
    return load
  }
}
