/** All carrying processes: a new connection goes to the one with the fewest, and when all are full it is refused and counted. */
import {readFileSync} from 'node:fs'
import type {Socket} from 'node:net'
import type {ProxyCounts, Toxic} from '../toxic.js'
import type {CarriedCounts, Carrier} from './carrier.js'

/** Descriptors that are not for connections: listeners, the API, channels, the runtime, and clients on their way to another process. */
const SPARE_DESCRIPTORS = 1000
/** A client's socket and one to its upstream. */
export const DESCRIPTORS_PER_CONNECTION = 2
/** Where the system names no limit: as many as with the common 20,000. */
const USUAL_DESCRIPTORS = 20_000
const NONE: ProxyCounts = {open: 0, carried: 0, refused: 0, unreachable: 0, droppedBytes: 0}

/** How many connections this process can carry, by its limit of descriptors (which Node has raised as far as it may). */
export function capacityOf(limits: string | undefined): number {
  const descriptors = Number(/^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1] ?? USUAL_DESCRIPTORS)
  return Math.max(1, Math.floor((descriptors - SPARE_DESCRIPTORS) / DESCRIPTORS_PER_CONNECTION))
}

export function readCapacity(): number {
  try {
    return capacityOf(readFileSync('/proc/self/limits', 'utf8'))
  } catch {
    return capacityOf(undefined)
  }
}

export class Fleet {
  readonly #carriers: readonly Carrier[]
  readonly #room: number
  readonly #arrived = new Map<string, number>()
  readonly #refused = new Map<string, number>()

  /** `room` is how many connections one carrier takes. */
  constructor(carriers: readonly Carrier[], room: number) {
    this.#carriers = carriers
    this.#room = room
  }

  /** Connections that all carriers together can carry. */
  get capacity(): number {
    return this.#room * this.#carriers.length
  }

  carry(proxy: string, upstream: string, client: Socket): void {
    const free = this.#carriers.filter(({open, busy}) => open < this.#room && !busy)
    const carrier = free.toSorted((one, other) => one.open - other.open)[0]
    if (carrier === undefined) {
      this.#refused.set(proxy, (this.#refused.get(proxy) ?? 0) + 1)
      client.resetAndDestroy()
      return
    }
    const number = (this.#arrived.get(proxy) ?? 0) + 1
    this.#arrived.set(proxy, number)
    carrier.carry({proxy, upstream, number}, client)
  }

  async shape(proxy: string, toxics: readonly Toxic[]): Promise<void> {
    await Promise.all(this.#carriers.map((carrier) => carrier.shape(proxy, toxics)))
  }

  async drop(proxy: string): Promise<void> {
    await Promise.all(this.#carriers.map((carrier) => carrier.drop(proxy)))
  }

  async counts(proxies: readonly string[]): Promise<Readonly<Record<string, ProxyCounts>>> {
    const parts = await Promise.all(this.#carriers.map((carrier) => carrier.counts()))
    const countsOf = (proxy: string) => {
      const carried = parts.map((part) => part.get(proxy)).filter((part) => part !== undefined)
      return {...sumOf(carried), refused: this.#refused.get(proxy) ?? 0}
    }
    return Object.fromEntries(proxies.map((proxy) => [proxy, countsOf(proxy)]))
  }

  stop(): void {
    for (const carrier of this.#carriers) carrier.stop()
  }
}

function sumOf(parts: readonly CarriedCounts[]): ProxyCounts {
  return parts.reduce<ProxyCounts>(
    (sum, part) => ({
      ...sum,
      open: sum.open + part.open,
      carried: sum.carried + part.carried,
      unreachable: sum.unreachable + part.unreachable,
      droppedBytes: sum.droppedBytes + part.droppedBytes,
    }),
    NONE,
  )
}
