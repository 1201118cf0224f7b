/** What the starter and a node process say to each other over their IPC channel. */

/** How a node is set up; sent by IPC, so that no password shows in a process list. */
export interface NodeConfig {
  /** Counted from 0. */
  readonly index: number
  /** How many nodes there are. */
  readonly nodes: number
  readonly port: number
  readonly redisUrl: string
  /** One URL for each shard, the same on all nodes. */
  readonly storeUrls: readonly string[]
  readonly roomCap: number
  readonly idleMs: number
  /** As typed: `lose-deliveries=1%`. */
  readonly defects: readonly string[]
  readonly seed: string
}

export type ToNode = {readonly type: 'start'; readonly config: NodeConfig} | {readonly type: 'stop'}

export type FromNode = {readonly type: 'ready'} | {readonly type: 'failed'; readonly why: string}
