/** Greets a Redis: PING, and what INFO says of its version and role. */
import {isIP} from 'node:net'
import {Redis} from 'ioredis'
import type {Clock} from '../../../base/clock.js'
import {formatDuration} from '../../../base/format-units.js'
import {type Greeted, PATIENCE} from './greeting.js'

/** A URL of a cluster or of sentinels is asked at its first node, which answers for itself. */
export async function greetRedis(text: string, address: string, clock: Clock): Promise<Greeted> {
  const url = new URL(text.replace(/^(rediss?)\+(cluster|sentinel):/, '$1:'))
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const redis = new Redis({
    host: address,
    port: url.port === '' ? (text.includes('sentinel:') ? 26_379 : 6379) : Number(url.port),
    ...(url.username === '' ? {} : {username: decodeURIComponent(url.username)}),
    ...(url.password === '' ? {} : {password: decodeURIComponent(url.password)}),
    ...(url.protocol === 'rediss:' ? {tls: isIP(host) === 0 ? {servername: host} : {}} : {}),
    lazyConnect: true,
    connectTimeout: PATIENCE,
    commandTimeout: PATIENCE,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    disableClientInfo: true,
  })
  let failure: Error | undefined
  redis.on('error', (error: Error) => (failure ??= error))
  const start = clock.now()
  try {
    await redis.connect()
    await redis.ping()
    const ms = clock.now() - start
    return {state: 'ok', value: `PONG in ${formatDuration(ms)} · ${infoWords(await redis.info())}`}
  } catch (error) {
    // ioredis says only that the connection is closed; the socket's own error came before.
    throw failure ?? error
  } finally {
    redis.disconnect()
  }
}

/** Valkey names its version beside the Redis version that it is compatible with. */
export function infoWords(info: string): string {
  const of = (key: string): string | undefined => new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const valkey = of('valkey_version')
  const name = valkey === undefined ? `Redis ${of('redis_version') ?? 'of unknown version'}` : `Valkey ${valkey}`
  const mode = of('redis_mode')
  return [
    name,
    ...(mode === undefined || mode === 'standalone' ? [] : [mode]),
    ...(of('role') === undefined ? [] : [`role ${of('role') ?? ''}`]),
  ].join(' · ')
}
