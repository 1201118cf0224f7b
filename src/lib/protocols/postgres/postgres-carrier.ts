/** Postgres as what carries messages: the message store itself, filled by batched inserts over its shards and read back afterwards. */
import {TargetError} from '../../base/errors.js'
import type {Carrier, CarrierKit, CarrierShare, Outgoing} from '../messaging/carrier.js'
import {seatsIn} from '../messaging/layout.js'
import {doorOf, type Door} from './connect.js'
import {Lane, LIMITS, type LaneLimits} from './lane.js'
import {readBack} from './read-back.js'
import type {Session} from './session.js'
import {lanesOf, type Lanes} from './shard.js'
import {insertSql, tableOf} from './table.js'
import {unusable} from './trouble.js'

/** More of them make the batches smaller, and each is a process on the server. */
const MOST_CONNECTIONS = 4
const FIND = 'SELECT to_regclass($1) IS NOT NULL AS found'

export interface PostgresCarrierOptions {
  /** To one shard at most, by one worker; 4 unless told. */
  readonly connections?: number
  /** See `LIMITS`. */
  readonly limits?: Partial<LaneLimits>
}

/** Throws a UsageError for a URL that is none of Postgres. */
export function postgresCarrier(share: CarrierShare, kit: CarrierKit, options: PostgresCarrierOptions = {}): Carrier {
  return new PostgresCarrier(share, kit, options)
}

class PostgresCarrier implements Carrier {
  readonly #doors: readonly Door[]
  readonly #plan: Lanes
  readonly #lanes: readonly (readonly Lane[])[]

  constructor(
    private readonly share: CarrierShare,
    private readonly kit: CarrierKit,
    {connections = MOST_CONNECTIONS, limits = {}}: PostgresCarrierOptions,
  ) {
    const {layout, rooms, urls, tls, timeoutMs, run} = share
    this.#doors = urls.map((url, shard) => doorOf(url, {tls, timeoutMs, shard}))
    this.#plan = lanesOf({layout, rooms, shards: urls.length, most: connections})
    const common = {...kit, insert: insertSql(run), limits: {...LIMITS, ...limits}}
    this.#lanes = this.#doors.map((door, shard) =>
      Array.from({length: this.#plan.sizes[shard] ?? 0}, (_, lane) => {
        return new Lane({...common, door, random: kit.random.fork(`shard ${shard} lane ${lane}`)})
      }),
    )
  }

  async open(): Promise<void> {
    const shards = this.#doors.map((door, shard) => this.#openShard(door, this.#lanes[shard] ?? []))
    const failed = (await Promise.allSettled(shards)).find(({status}) => status === 'rejected')
    if (failed?.status !== 'rejected') return
    await this[Symbol.asyncDispose]()
    throw failed.reason
  }

  publish(message: Outgoing): boolean {
    const place = this.#plan.places[message.voice - this.#plan.firstVoice]
    const lane = place === undefined ? undefined : this.#lanes[place.shard]?.[place.lane]
    if (lane === undefined) throw new RangeError(`voice ${message.voice} is none of this worker`)
    return lane.offer(message)
  }

  async read(): Promise<void> {
    const {layout, rooms, run} = this.share
    const {clock, random, listener} = this.kit
    const row = (room: number, text: Buffer): void => listener.arrived(seatsIn(layout, room).first, text, false)
    await Promise.all(this.#doors.map((door) => readBack({door, run, rooms, clock, random, row})))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#lanes.flat().map((lane) => lane.close()))
  }

  async #openShard(door: Door, lanes: readonly Lane[]): Promise<void> {
    // All are settled before any of them is closed again.
    const opened = await Promise.allSettled(lanes.map((lane) => lane.open()))
    for (const one of opened) if (one.status === 'rejected') throw unusable(door.place, one.reason)
    const [first] = opened
    if (first?.status === 'fulfilled') await this.#proveTable(door, first.value)
  }

  async #proveTable({place}: Door, session: Session): Promise<void> {
    const name = tableOf(this.share.run)
    const rows = await session.ask<{found: boolean}>(FIND, [name]).catch((error: unknown) => {
      throw unusable(place, error)
    })
    if (rows[0]?.found === true) return
    throw new TargetError(`the Postgres ${place} has no table ${name} that our role can see`, {
      hint: 'give the workers the same URLs as the site that made it',
    })
  }
}
