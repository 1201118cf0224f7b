/** A process that carries connections, as the one that accepts them sees it. */
import type {Socket} from 'node:net'
import type {ProxyCounts, Toxic} from '../toxic.js'

/** A connection that was accepted and is to be carried. */
export interface Arrival {
  readonly proxy: string
  /** `host:port`. */
  readonly upstream: string
  /** Counts the proxy's connections from 1: what is drawn at random for one follows from it. */
  readonly number: number
}

/** Of one proxy, as far as one carrier knows. */
export type CarriedCounts = Omit<ProxyCounts, 'refused'>

export interface Carrier {
  /** Connections that it carries now. */
  readonly open: number
  /** So many are on their way to it that no more should follow for now. */
  readonly busy: boolean
  /** Takes over a paused client. */
  carry(arrival: Arrival, client: Socket): void
  /** Puts exactly these toxics on the proxy's connections, the open ones and those to come; resolves when it is done. */
  shape(proxy: string, toxics: readonly Toxic[]): Promise<void>
  /** Closes all connections of the proxy; resolves when it is done. */
  drop(proxy: string): Promise<void>
  counts(): Promise<ReadonlyMap<string, CarriedCounts>>
  /** Ends it with all that it carries. */
  stop(): void
}
