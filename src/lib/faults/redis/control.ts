/** The connection over which Redis faults are injected and reverted: opened while all is well, marked by its name, spared by every fault of ours. */
import {Redis, type RedisOptions} from 'ioredis'
import {type TargetError, UsageError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import {keepMending} from '../../protocols/redis/keep-mending.js'
import type {FaultGround} from '../fault.js'
import type {InjectorKit} from '../injector.js'
import {isReply, refusal, unusable} from './refusal.js'

/** More than the longest pause of ours, in which our own commands are held too. */
const PATIENCE: Ms = 4000
const RECONNECT_DELAY: Ms = 50

export type Words = readonly (string | number)[]

/** What was sent is never sent again behind our back; what is under way when the link breaks, or cannot be mended, fails at once. */
const LINK: RedisOptions = {
  lazyConnect: true,
  connectTimeout: PATIENCE,
  commandTimeout: PATIENCE,
  retryStrategy: () => RECONNECT_DELAY,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  enableReadyCheck: false,
  disableClientInfo: true,
}

export class RedisControl {
  readonly #redis: Redis
  readonly #place: string
  readonly #mark: string
  #trouble: Error | undefined

  constructor(url: string, mark: string) {
    const {hostname, port} = nodeUrl(url)
    this.#place = `${hostname}:${port === '' ? '6379' : port}`
    this.#mark = mark
    this.#redis = new Redis(url, {...LINK, connectionName: mark})
    keepMending(this.#redis)
    // ioredis says why a connection failed only as an event.
    this.#redis.on('error', (error: Error) => (this.#trouble = error))
  }

  /** `127.0.0.1:6379`. */
  get place(): string {
    return this.#place
  }

  /** Whether what is asked now would be sent now. */
  get isUp(): boolean {
    return this.#redis.status === 'ready'
  }

  /** Connects and takes its name. Throws a TargetError, or a UsageError when it may not have a name and so could not be spared. */
  async open(): Promise<void> {
    try {
      await this.#redis.connect()
      await this.call('CLIENT', 'SETNAME', this.#mark)
    } catch (error) {
      this.close()
      if (isReply(error) && error.message.startsWith('NOPERM')) throw refusal('CLIENT SETNAME', error)
      throw this.#unusable(error)
    }
  }

  /** Rejects with the server's error, or when it gives no answer within 4 s. */
  call(command: string, ...words: Words): Promise<unknown> {
    return this.#redis.call(command, ...words)
  }

  /** Sends all commands in one piece; answers their replies, or rejects with the first error. */
  async round(commands: readonly Words[]): Promise<readonly unknown[]> {
    const replies = await this.#redis.pipeline(commands.map((words) => ['call', ...words])).exec()
    return (replies ?? []).map(([error, reply]) => {
      if (error) throw error
      return reply
    })
  }

  /** Proves that a command may be run, by one that changes nothing; `harmless` is the error that it then may get. */
  async prove(what: string, words: Words, harmless?: RegExp): Promise<void> {
    try {
      await this.round([words])
    } catch (error) {
      if (!isReply(error)) throw this.#unusable(error)
      if (harmless?.test(error.message) !== true) throw refusal(what, error)
    }
  }

  close(): void {
    this.#redis.disconnect()
  }

  /** What the socket met says more than that a command failed. */
  #unusable(error: unknown): TargetError {
    return unusable(this.#place, isReply(error) ? error : (this.#trouble ?? error))
  }
}

/** Throws a UsageError for what is not the URL of one server. */
function nodeUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^rediss?:$/.test(url.protocol) && url.hostname !== '') return url
  const many = /^rediss?[+-](cluster|sentinel):/.test(text)
  throw new UsageError(
    many ? 'a Redis fault acts on one server, and this URL names a cluster or its sentinels' : 'the Redis URL is none',
    {hint: 'name the server to disturb: redis://host:6379 (or rediss:// for TLS)'},
  )
}

interface Shared {
  readonly control: RedisControl
  readonly opened: Promise<void>
  holders: number
}

/** By the ground on which they act: all Redis faults of a run share one connection, or one of them would cut off the others'. */
const SHARED = new WeakMap<FaultGround, Shared>()

/** The run's connection, opened if it is not yet; each holder lets go of it once. */
export async function borrowControl({ground, mark}: InjectorKit): Promise<RedisControl> {
  const shared = SHARED.get(ground) ?? start(ground, mark)
  shared.holders += 1
  try {
    await shared.opened
    return shared.control
  } catch (error) {
    returnControl(ground)
    throw error
  }
}

export function returnControl(ground: FaultGround): void {
  const shared = SHARED.get(ground)
  if (shared === undefined || --shared.holders > 0) return
  SHARED.delete(ground)
  shared.control.close()
}

function start(ground: FaultGround, mark: string): Shared {
  if (ground.redis === undefined) {
    throw new UsageError('there is no Redis to disturb', {hint: 'name it: redis://host:6379 as `redis` in the profile'})
  }
  const control = new RedisControl(ground.redis, mark)
  const shared = {control, opened: control.open(), holders: 0}
  SHARED.set(ground, shared)
  return shared
}
