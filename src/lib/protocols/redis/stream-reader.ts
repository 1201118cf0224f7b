/** One connection that reads a consumer group of some streams, acknowledges what it got, and asks first for what it never acknowledged. */
import type {ChainableCommander} from 'ioredis'
import {fullJitter} from '../../base/random.js'
import type {Ms} from '../../base/units.js'
import type {CarrierKit} from '../messaging/carrier.js'
import {type Entry, readEntries, textOf} from './entries.js'
import type {Lane, Stream} from './lanes.js'
import {RedisLink, type LinkShare} from './link.js'
import {isReply, reasonOf} from './trouble.js'

/** How long one read waits for a message. */
const BLOCK: Ms = 1000
/** Entries of all streams together that one read may bring, about: 4096 of 256 B make 1 MB. */
const MOST_AT_ONCE = 4096
const LEAST_OF_A_STREAM = 16
/**
 * After a loss the server may hold the old connection for alive for a while, and hand entries to it; nobody reads those, so that what is pending is looked
 * through again every so often.
 */
const LOOK_AGAIN: Ms = 2000
/**
 * A blocking read is put down at each of its streams, and ends at the first message: with many streams and a steady flow the server would do little else. So
 * that many are read at most once in so long, which may add as much to a latency.
 */
const MANY_STREAMS = 8
const PACE: Ms = 1
const RETRY = {baseMs: 20, capMs: 1000} as const

interface Ack {
  readonly key: string
  readonly ids: readonly string[]
}

export class StreamReader {
  readonly #link: RedisLink
  readonly #kit: CarrierKit
  readonly #lane: Lane
  readonly #byKey: ReadonlyMap<string, Stream>
  readonly #blockMs: Ms
  readonly #count: number
  readonly #end = new AbortController()
  #acks: Ack[] = []
  /** When pending entries are asked for the next time. */
  #lookAt: Ms = 0
  /** When the last read was sent. */
  #readAt: Ms = 0
  #wake: () => void = () => undefined
  #reading: Promise<void> | undefined

  constructor(share: LinkShare, kit: CarrierKit, lane: Lane) {
    this.#kit = kit
    this.#lane = lane
    this.#byKey = new Map(lane.streams.map((stream) => [stream.key, stream]))
    this.#blockMs = Math.max(1, Math.floor(Math.min(BLOCK, share.timeoutMs)))
    this.#count = Math.max(LEAST_OF_A_STREAM, Math.ceil(MOST_AT_ONCE / lane.streams.length))
    this.#link = new RedisLink(share, kit, {down: (reason) => kit.listener.lost(reason), up: () => this.#wake()})
  }

  async open(): Promise<void> {
    await this.#link.open()
    this.#reading = this.#run()
  }

  /** Without acknowledging what the last read brought: that is read again by whoever comes next. */
  async close(): Promise<void> {
    this.#end.abort()
    this.#link.close()
    this.#wake()
    await this.#reading
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isOver;) {
      try {
        if (this.#kit.clock.now() >= this.#lookAt) await this.#readPending()
        await this.#readNew()
        if (this.#lane.streams.length >= MANY_STREAMS) await this.#pace()
        failures = 0
      } catch (error) {
        await this.#mend(error, failures++)
      }
    }
  }

  async #readNew(): Promise<void> {
    const {streams} = this.#lane
    const keys = streams.map(({key}) => key)
    const from = keys.map(() => '>')
    const reply = await this.#read(['BLOCK', this.#blockMs, 'STREAMS', ...keys, ...from])
    for (const [key, entries] of readEntries(reply)) this.#handOver(key.toString('latin1'), entries, false)
  }

  /** Acknowledgements wait with the next read. */
  async #pace(): Promise<void> {
    const {clock} = this.#kit
    await clock.sleep(this.#readAt + PACE - clock.now(), this.#end.signal)
  }

  /** Everything that was handed to this consumer and never acknowledged, stream by stream from its begin. */
  async #readPending(): Promise<void> {
    // What was read and is not acknowledged yet is not asked for again: the acknowledgement goes first.
    let from = new Map(this.#lane.streams.map(({key}) => [key, '0']))
    while (from.size > 0 && !this.#isOver) {
      const reply = await this.#read(['STREAMS', ...from.keys(), ...from.values()])
      const left = readEntries(reply).filter(([, entries]) => entries.length > 0)
      from = new Map(left.map(([key, entries]) => [key.toString('latin1'), String(entries.at(-1)?.[0] ?? '0')]))
      for (const [key, entries] of left) this.#handOver(key.toString('latin1'), entries, true)
    }
    this.#lookAt = this.#lookAt === 0 ? Infinity : this.#kit.clock.now() + LOOK_AGAIN
  }

  #handOver(key: string, entries: readonly Entry[], again: boolean): void {
    const stream = this.#byKey.get(key)
    if (stream === undefined || this.#isOver) return
    for (const entry of entries) {
      const text = textOf(entry)
      if (text !== undefined) this.#kit.listener.arrived(stream.seat, text, again)
    }
    this.#acks.push({key, ids: entries.map(([id]) => id.toString('latin1'))})
  }

  /** One piece: the acknowledgements of what came last, and the next read. Rejects with the first error. */
  async #read(words: readonly (string | number)[]): Promise<unknown> {
    this.#readAt = this.#kit.clock.now()
    const {group, consumer} = this.#lane
    const acks = this.#acks
    this.#acks = []
    const pipeline: ChainableCommander = this.#link.client.pipeline()
    for (const {key, ids} of acks) pipeline.xack(key, group, ...ids)
    pipeline.callBuffer('xreadgroup', 'GROUP', group, consumer, 'COUNT', this.#count, ...words)
    const results = (await this.#link.within(pipeline.exec())) ?? []
    const failure = results.find(([error]) => error !== null)
    if (failure?.[0]) throw failure[0]
    return results.at(-1)?.[1]
  }

  /** Until a read may go well again. */
  async #mend(error: unknown, failures: number): Promise<void> {
    const {clock, random, listener} = this.#kit
    // Of what was under way nothing is known: it is pending, or was never taken out.
    this.#lookAt = 1
    if (isReply(error) && !this.#isOver) {
      listener.lost(reasonOf(error))
      if (error.message.startsWith('NOGROUP')) await this.#makeGroups()
    }
    while (!this.#link.isUp && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve))
    await clock.sleep(fullJitter({attempt: failures, ...RETRY}, random), this.#end.signal)
  }

  /** A server that came back empty knows no groups, and its streams are made anew by those who publish. */
  async #makeGroups(): Promise<void> {
    const made = this.#lane.streams.map(({key}) =>
      this.#link.within(this.#link.client.call('XGROUP', 'CREATE', key, this.#lane.group, '0')).catch(() => undefined),
    )
    await Promise.all(made)
  }

  get #isOver(): boolean {
    return this.#end.signal.aborted
  }
}
