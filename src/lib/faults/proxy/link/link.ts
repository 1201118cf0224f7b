/** One direction of a connection: what the source sends goes through the chain of stages to the destination, as fast as that takes it. */
import type {Socket} from 'node:net'
import type {Toxic} from '../toxic.js'
import {Chain, type ChainKit} from './chain.js'
import type {End} from './stage.js'

/**
 * How much waits for a slow destination before its source has to wait: one read of Node's. With less, every read would stop the source for a
 * moment; with more, what waits is cold in the caches when it is sent at last (measured with 100 connections). The sockets must have the
 * same high-water mark or a lower one, or they tell of no drain.
 */
export const HIGH_WATER = 64 * 1024
const NOTHING = Buffer.alloc(0)

export interface LinkKit extends Omit<ChainKit, 'eased'> {
  /** A toxic ends the whole connection. */
  readonly close: (destination: Socket) => void
  readonly reset: () => void
}

export class Link {
  readonly #source: Socket
  readonly #destination: Socket
  readonly #kit: LinkKit
  readonly #chain: Chain
  #open = true
  #waiting = false

  constructor(source: Socket, destination: Socket, kit: LinkKit) {
    this.#source = source
    this.#destination = destination
    this.#kit = kit
    const tail = {data: (chunk: Buffer) => this.#deliver(chunk), end: (how: End) => this.#finish(how)}
    this.#chain = new Chain(tail, {...kit, eased: () => this.#ease()})
    source.on('data', (chunk: Buffer) => this.#take(chunk))
    source.on('end', () => this.#sourceEnded())
    source.on('error', () => this.#chain.head.end('reset'))
    destination.on('drain', () => this.#ease())
    destination.on('close', () => (this.#open = false))
  }

  shape(toxics: readonly Toxic[]): void {
    this.#chain.shape(toxics)
    this.#ease()
  }

  /** From now on what the source sends is read and thrown away. */
  discard(): void {
    this.#open = false
    this.#chain.stop()
    this.#ease()
  }

  /** The connection is gone. */
  stop(): void {
    this.#open = false
    this.#chain.stop()
  }

  #take(chunk: Buffer): void {
    this.#chain.head.data(chunk)
    if (!this.#crowded) return
    this.#waiting = true
    this.#source.pause()
  }

  get #crowded(): boolean {
    return (this.#open && this.#destination.writableLength >= HIGH_WATER) || this.#chain.crowded
  }

  #ease(): void {
    if (!this.#waiting || this.#crowded) return
    this.#waiting = false
    this.#source.resume()
  }

  #deliver(chunk: Buffer): void {
    if (this.#open) this.#destination.write(chunk)
    else this.#kit.dropped(chunk.length)
  }

  #finish(how: End): void {
    if (how === 'reset') this.#kit.reset()
    if (!this.#open) return
    this.#open = false
    if (how === 'close') this.#kit.close(this.#destination)
    if (how === 'half-close') this.#destination.end()
  }

  /**
   * A reset that comes together with data reads as a clean end (libuv asks the kernel no further then). Writing nothing sends nothing, but
   * fails when the connection was reset; the source's error then becomes the reset. Where something is being written, that fails instead.
   */
  #sourceEnded(): void {
    const pass = () => {
      if (this.#source.errored === null) this.#chain.head.end('half-close')
    }
    if (this.#source.writableEnded || this.#source.destroyed) pass()
    else if (this.#source.writableLength > 0) setImmediate(pass)
    else this.#source.write(NOTHING, () => setImmediate(pass))
  }
}
