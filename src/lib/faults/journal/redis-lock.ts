/** The lock on a Redis: a key that expires by itself. It is refreshed until the first fault, and then set to outlast the last one. */
import type {Ms} from '../../base/units.js'
import type {InjectorKit} from '../injector.js'
import {borrowControl, RedisControl, returnControl} from '../redis/control.js'
import {isReply} from '../redis/refusal.js'
import {livesOn} from './lock.js'
import type {Writer} from './records.js'
import {heldElsewhere, type ServerLock} from './server-lock.js'

const KEY = 'proofload:lock'
const EXPIRES_MS = 60_000
const REFRESH_MS = 20_000

/** Deletes the key only while it is ours. */
const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

/** One lock, or none where the user of the URL may not write this key. Throws a UsageError that says who holds it. */
export async function lockRedis(kit: InjectorKit, writer: Writer): Promise<ServerLock[]> {
  const control = await borrowControl(kit)
  const value = JSON.stringify({...writer, since: kit.clock.date().toISOString()})
  try {
    await take(control, value)
    return [new RedisLock(control, value, kit)]
  } catch (error) {
    returnControl(kit.ground)
    if (isReply(error)) return []
    throw error
  }
}

/** Takes the lock away from whoever holds it. */
export async function breakRedisLock(url: string): Promise<void> {
  const control = new RedisControl(url, 'proofload:recover')
  try {
    await control.open()
    await control.call('DEL', KEY)
  } finally {
    control.close()
  }
}

async function take(control: RedisControl, value: string): Promise<void> {
  if (await set(control, value)) return
  const held = await control.call('GET', KEY)
  const holder = typeof held === 'string' ? writerIn(held) : undefined
  if (typeof held === 'string' && (holder === undefined || livesOn(holder))) throw await isHeld(control, holder)
  // Its holder died on this host: nobody refreshes it any more.
  if (typeof held === 'string') await control.call('EVAL', RELEASE, 1, KEY, held)
  if (!(await set(control, value))) throw await isHeld(control, undefined)
}

async function set(control: RedisControl, value: string): Promise<boolean> {
  return (await control.call('SET', KEY, value, 'PX', EXPIRES_MS, 'NX')) === 'OK'
}

async function isHeld(control: RedisControl, holder: (Writer & {readonly since: string}) | undefined): Promise<Error> {
  const expires = Number(await control.call('PTTL', KEY).catch(() => 0))
  const who = holder && `'${holder.command}', process ${holder.pid} on ${holder.host}, since ${holder.since}`
  return heldElsewhere(
    `redis ${control.place}`,
    who ?? `its key ${KEY} is set`,
    `wait for it or end it; if it is gone for good, the key expires in ${Math.max(1, Math.ceil(expires / 1000))} s, or: 'proofload fault recover --force --redis URL'`,
  )
}

function writerIn(text: string): (Writer & {readonly since: string}) | undefined {
  try {
    const value = JSON.parse(text) as Partial<Writer & {since: string}>
    return typeof value.pid === 'number' && typeof value.host === 'string'
      ? (value as Writer & {since: string})
      : undefined
  } catch {
    return undefined
  }
}

class RedisLock implements ServerLock {
  readonly #refreshing: NodeJS.Timeout

  constructor(
    readonly control: RedisControl,
    readonly value: string,
    readonly kit: InjectorKit,
  ) {
    this.#refreshing = setInterval(() => void this.#expireIn(EXPIRES_MS).catch(() => undefined), REFRESH_MS)
  }

  /** Refreshing during a fault would be counted as an operation that leaked through it. */
  async lastFor(length: Ms): Promise<void> {
    clearInterval(this.#refreshing)
    await this.#expireIn(Math.ceil(length) + EXPIRES_MS).catch(() => undefined)
  }

  async release(): Promise<void> {
    clearInterval(this.#refreshing)
    await this.control.call('EVAL', RELEASE, 1, KEY, this.value).catch(() => undefined)
    returnControl(this.kit.ground)
  }

  async #expireIn(length: Ms): Promise<void> {
    await this.control.call('PEXPIRE', KEY, length)
  }
}
