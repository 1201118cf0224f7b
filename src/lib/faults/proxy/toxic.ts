/** A toxic as the API names it: what disturbs a proxied connection, in which direction, and how much. */

/** `downstream` is server to client, `upstream` client to server. */
export type Stream = 'upstream' | 'downstream'

export type ToxicType = 'latency' | 'bandwidth' | 'slow_close' | 'timeout' | 'reset_peer' | 'slicer' | 'limit_data'

/** Whole numbers by name, in Toxiproxy's units: ms, KB/s (of 1000 bytes), bytes, and µs for the slicer's delay. */
export type Attributes = Readonly<Record<string, number>>

export interface Toxic {
  readonly attributes: Attributes
  /** Unique in its proxy, over both directions. */
  readonly name: string
  readonly type: ToxicType
  readonly stream: Stream
  /** Share of connections it is put on, drawn for each connection and direction. */
  readonly toxicity: number
}

/** A toxic as it is asked for. */
export interface ToxicRequest {
  readonly type: ToxicType
  /** `<type>_<stream>` when left out. */
  readonly name?: string
  /** `downstream` when left out. */
  readonly stream?: Stream
  /** 1 when left out. */
  readonly toxicity?: number
  /** Those left out are 0. */
  readonly attributes?: Attributes
}

/** A proxy as the API shows it. */
export interface ProxyState {
  readonly name: string
  /** `host:port`. */
  readonly listen: string
  readonly upstream: string
  readonly enabled: boolean
  readonly toxics: readonly Toxic[]
}

/** What became of the connections of one proxy. */
export interface ProxyCounts {
  /** Open now. */
  readonly open: number
  /** Ever taken on, the open ones included. */
  readonly carried: number
  /** Reset at once because every process was full. */
  readonly refused: number
  /** Reset because the upstream could not be reached. */
  readonly unreachable: number
  /** Bytes that toxics dropped, and those that nobody was left to take. */
  readonly droppedBytes: number
}
