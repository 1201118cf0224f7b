/** Opens one session on a Postgres: TLS as its URL and our certificates say, every wait bounded, and marked as ours. */
import {Client, type ClientConfig} from 'pg'
import {UsageError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import type {Certificates} from '../tls.js'
import {Session} from './session.js'
import {SSL_PARAMETERS, sslOf} from './ssl.js'
import {isWithoutTls} from './trouble.js'

const NAME = 'proofload'

/** Made once for all connections to a server; holds secrets. */
export interface Door {
  /** `shard 1 (127.0.0.1:5432/chat)` or, where there is one only, `at 127.0.0.1:5432/chat`; without secrets. */
  readonly place: string
  readonly timeoutMs: Ms
  readonly config: ClientConfig
  /** Tried where the server has no TLS and the URL allows to go without. */
  readonly plain: ClientConfig | undefined
}

export interface DoorOrder {
  readonly tls: Certificates
  readonly timeoutMs: Ms
  /** From 0; undefined where it is none. */
  readonly shard?: number
}

/** Throws a UsageError when the URL is none of Postgres, or its TLS settings make no sense. */
export function doorOf(text: string, {tls, timeoutMs, shard}: DoorOrder): Door {
  const url = urlOf(text, shard)
  const {ssl, orPlain} = sslOf(url.searchParams, tls)
  for (const name of [...SSL_PARAMETERS, 'application_name']) url.searchParams.delete(name)
  const base: ClientConfig = {
    connectionString: url.toString(),
    application_name: NAME,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
  }
  return {
    place: shard === undefined ? `at ${placeOf(url)}` : `shard ${shard + 1} (${placeOf(url)})`,
    timeoutMs,
    config: ssl === undefined ? base : {...base, ssl},
    plain: orPlain ? {...base, ssl: false} : undefined,
  }
}

/** Rejects with the server's error, or with the socket's. */
export async function connect({config, plain, timeoutMs}: Door): Promise<Session> {
  try {
    return await Session.open(new Client(config), timeoutMs)
  } catch (error) {
    if (plain === undefined || !isWithoutTls(error)) throw error
    return await Session.open(new Client(plain), timeoutMs)
  }
}

function urlOf(text: string, shard: number | undefined): URL {
  if (URL.canParse(text)) {
    const url = new URL(text)
    if (/^postgres(ql)?:$/.test(url.protocol)) return url
  }
  throw new UsageError(`the URL of the Postgres${shard === undefined ? '' : ` shard ${shard + 1}`} is none`, {
    hint: 'write it as postgres://user@host:5432/database',
  })
}

function placeOf({hostname, port, pathname, searchParams}: URL): string {
  const host = hostname === '' ? (searchParams.get('host') ?? 'localhost') : hostname
  return `${host}:${port === '' ? '5432' : port}${pathname === '/' ? '' : pathname}`
}
