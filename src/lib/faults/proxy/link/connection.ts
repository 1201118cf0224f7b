/** One client and its upstream, joined by a link in each direction; an end or an abort of one side becomes one of the other. */
import type {Socket} from 'node:net'
import type {Ms} from '../../../base/units.js'
import type {Random} from '../../../base/random.js'
import type {Toxic} from '../toxic.js'
import {Link, type LinkKit} from './link.js'

/** After a toxic's close: how long the other side may take to end too, before it is cut off. */
const LINGER_MS = 2000

export interface ConnectionKit {
  readonly now: () => Ms
  readonly random: (label: string) => Random
  readonly dropped: (bytes: number) => void
  /** Both sockets are closed. */
  readonly ended: () => void
}

export class Connection {
  readonly #client: Socket
  readonly #upstream: Socket
  readonly #there: Link
  readonly #back: Link
  #linger: NodeJS.Timeout | undefined
  #closed = 0

  /** The client must be paused and `upstream` may still be connecting: what comes first waits for it. */
  constructor(client: Socket, upstream: Socket, kit: ConnectionKit) {
    this.#client = client
    this.#upstream = upstream
    for (const socket of [client, upstream]) {
      socket.allowHalfOpen = true
      socket.setNoDelay(true)
      socket.on('close', () => this.#hasClosed(kit))
    }
    const ends = {close: (to: Socket) => this.#close(to), reset: () => this.#reset()}
    const link = (from: Socket, to: Socket, label: string) => {
      const linkKit: LinkKit = {now: kit.now, random: kit.random(label), dropped: kit.dropped, ...ends}
      return new Link(from, to, linkKit)
    }
    this.#there = link(client, upstream, 'upstream')
    this.#back = link(upstream, client, 'downstream')
    client.resume()
  }

  /** Puts exactly these toxics on the connection. */
  shape(toxics: readonly Toxic[]): void {
    this.#there.shape(toxics.filter(({stream}) => stream === 'upstream'))
    this.#back.shape(toxics.filter(({stream}) => stream === 'downstream'))
  }

  /** Closes both sides at once. */
  destroy(): void {
    this.#client.destroy()
    this.#upstream.destroy()
  }

  #reset(): void {
    for (const socket of [this.#client, this.#upstream]) {
      if (socket.connecting) socket.destroy()
      else if (!socket.destroyed) socket.resetAndDestroy()
    }
  }

  /** What was passed to `to` still arrives there; what it sends from now on goes nowhere. */
  #close(to: Socket): void {
    const [from, against] = to === this.#client ? [this.#upstream, this.#back] : [this.#client, this.#there]
    const opposite = against === this.#back ? this.#there : this.#back
    from.destroy()
    opposite.discard()
    to.end(() => {
      if (!to.destroyed) this.#linger = setTimeout(() => to.destroy(), LINGER_MS)
    })
  }

  #hasClosed(kit: ConnectionKit): void {
    if (++this.#closed < 2) return
    clearTimeout(this.#linger)
    this.#there.stop()
    this.#back.stop()
    kit.ended()
  }
}
