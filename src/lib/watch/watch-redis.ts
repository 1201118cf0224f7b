/** Watches a Redis or Valkey by INFO alone, which is cheap on a server of any size. */
import {Redis, ReplyError, type RedisOptions} from 'ioredis'
import {TargetError} from '../base/errors.js'
import {keepMending} from '../protocols/redis/keep-mending.js'
import {Increases} from './increase.js'
import {sampleOf, type Sample} from './resource.js'
import type {ServerSpec} from './spec.js'
import {pemsOf, PATIENCE, WATCHER_NAME, type Watcher, type WatcherKit} from './watcher.js'

/** Between two attempts to come back: one a look. */
const RECONNECT_DELAY = 500

class RedisWatcher implements Watcher {
  readonly name: string
  readonly #redis: Redis
  readonly #increases: Increases
  #trouble: Error | undefined

  constructor(spec: ServerSpec, kit: WatcherKit) {
    this.name = spec.name
    this.#redis = new Redis(spec.url, optionsOf(spec.url, kit))
    keepMending(this.#redis)
    // ioredis says why a connection failed only as an event.
    this.#redis.on('error', (error: Error) => (this.#trouble = error))
    this.#increases = new Increases(kit.clock)
  }

  async sample(): Promise<Sample> {
    if (this.#redis.status === 'wait') await this.#connect()
    if (this.#redis.status !== 'ready') throw this.#trouble ?? new TargetError('the connection is lost')
    const info = parseInfo(await this.#info())
    this.#trouble = undefined
    return this.#sampleOf((name) => info.get(name))
  }

  close(): Promise<void> {
    this.#redis.disconnect()
    return Promise.resolve()
  }

  /** What the server said counts as it is; of a connection that broke, the event says more. */
  async #info(): Promise<string> {
    try {
      return await this.#redis.info()
    } catch (error) {
      throw error instanceof (ReplyError as unknown as new () => Error) ? error : (this.#trouble ?? error)
    }
  }

  async #connect(): Promise<void> {
    try {
      await this.#redis.connect()
    } catch (error) {
      throw this.#trouble ?? error
    }
  }

  #sampleOf(value: (name: string) => number | undefined): Sample {
    const grew = (name: string) => this.#increases.perSecond(name, value(name))
    const [connections, most] = [value('connected_clients'), value('maxclients')]
    // The main thread alone runs commands; servers before 6.2 tell only of all threads.
    const threads = sum(grew('used_cpu_user'), grew('used_cpu_sys'))
    const main = sum(grew('used_cpu_user_main_thread'), grew('used_cpu_sys_main_thread'))
    const cpu = main ?? threads
    return sampleOf({
      cpu: cpu === undefined ? undefined : Math.min(1, cpu),
      cpu_cores: threads,
      memory: memoryShare(value),
      memory_bytes: value('used_memory'),
      connections,
      connections_used: connections !== undefined && most !== undefined ? connections / most : undefined,
      operations: grew('total_commands_processed'),
      blocked_clients: value('blocked_clients'),
      evictions: grew('evicted_keys'),
      client_buffers: value('mem_clients_normal'),
      largest_output_buffer: value('client_recent_max_output_buffer'),
      largest_input_buffer: value('client_recent_max_input_buffer'),
      replication_lag_bytes: replicaLag(value),
    })
  }
}

/** With a limit of its own, what counts towards it; without one, what it holds of the machine. */
function memoryShare(value: (name: string) => number | undefined): number | undefined {
  const limit = value('maxmemory') ?? 0
  const used = limit > 0 ? value('used_memory') : value('used_memory_rss')
  const most = limit > 0 ? limit : value('total_system_memory')
  return used === undefined || most === undefined || most <= 0 ? undefined : used / most
}

function replicaLag(value: (name: string) => number | undefined): number | undefined {
  const [written, slowest] = [value('master_repl_offset'), value('slowest_replica_offset')]
  return written === undefined || slowest === undefined ? undefined : Math.max(0, written - slowest)
}

function sum(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left + right
}

/** Every figure of INFO by its name, and the offset of the replica that is farthest behind. */
function parseInfo(text: string): ReadonlyMap<string, number> {
  const figures = new Map<string, number>()
  for (const [, name = '', value = ''] of text.matchAll(/^(\w+):([^\r\n]*)\r?$/gm)) {
    const offset = /^slave\d+$/.test(name) ? /\boffset=(\d+)/.exec(value)?.[1] : undefined
    if (offset !== undefined) {
      figures.set('slowest_replica_offset', Math.min(Number(offset), figures.get('slowest_replica_offset') ?? Infinity))
    } else if (value !== '' && Number.isFinite(Number(value))) figures.set(name, Number(value))
  }
  return figures
}

function optionsOf(url: string, {certificates}: WatcherKit): RedisOptions {
  const tls = {rejectUnauthorized: !certificates.insecure, ...pemsOf(certificates)}
  return {
    lazyConnect: true,
    connectionName: WATCHER_NAME,
    connectTimeout: PATIENCE,
    commandTimeout: PATIENCE,
    retryStrategy: () => RECONNECT_DELAY,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    ...(url.startsWith('rediss:') ? {tls} : {}),
  }
}

export function watchRedis(spec: ServerSpec, kit: WatcherKit): Watcher {
  return new RedisWatcher(spec, kit)
}
