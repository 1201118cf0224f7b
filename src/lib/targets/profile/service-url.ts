/** URLs of servers that are reached without a chat in between: Redis, Postgres, RabbitMQ. */
import {UsageError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'

export const SERVICES = ['redis', 'amqp', 'postgres'] as const

export type ServiceKind = (typeof SERVICES)[number]

interface Manner {
  readonly schemes: readonly string[]
  readonly name: string
  readonly example: string
  /** Key of the profile under `services`. */
  readonly key: 'redis' | 'postgres' | 'rabbitmq'
}

const MANNERS: Readonly<Record<ServiceKind, Manner>> = {
  redis: {
    schemes: ['redis', 'rediss', 'redis+cluster', 'rediss+cluster', 'redis+sentinel', 'rediss+sentinel'],
    name: 'a Redis URL',
    example: 'redis://user:password@host:6379/0',
    key: 'redis',
  },
  amqp: {
    schemes: ['amqp', 'amqps'],
    name: 'an AMQP URL',
    example: 'amqp://user:password@host:5672/vhost',
    key: 'rabbitmq',
  },
  postgres: {
    schemes: ['postgres', 'postgresql'],
    name: 'a Postgres URL',
    example: 'postgres://user:password@host:5432/database',
    key: 'postgres',
  },
}

export function isService(kind: string): kind is ServiceKind {
  return (SERVICES as readonly string[]).includes(kind)
}

/** The key under `services` of a profile, at which its URL stands. */
export function serviceKey(kind: ServiceKind): Manner['key'] {
  return MANNERS[kind].key
}

export function exampleOf(kind: ServiceKind): string {
  return MANNERS[kind].example
}

/** Throws a UsageError that says what to type instead; secrets are not repeated. */
export function checkServiceUrl(text: string, kind: ServiceKind): void {
  const {schemes, name, example} = MANNERS[kind]
  const shown = text.includes('://') ? redact(text) : text
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? []
  if (/\s/.test(text)) throw new UsageError(`'${shown}' is not a URL: it has a space in it`)
  if (!schemes.includes(scheme.toLowerCase()))
    throw new UsageError(`'${shown}' is not ${name}, which this transport takes: write it like ${example}`)
  const hosts = hostsOf(text)
  if (hosts.length === 0 || hosts.some((host) => !URL.canParse(`x://${host}`) || host.startsWith(':')))
    throw new UsageError(`'${shown}' has no host that can be reached: write it like ${example}`)
  if (hosts.length > 1 && !/\+(cluster|sentinel)$/i.test(scheme))
    throw new UsageError(`'${shown}' names several hosts: repeat --target for each`)
}

/** The URL itself, or one for each host when it names several; for the allow-list. */
export function eachHostOf(url: string): string[] {
  if (hostsOf(url).length < 2) return [url]
  const scheme = url.slice(0, url.indexOf('://'))
  return hostsOf(url).map((host) => `${scheme}://${host}`)
}

/** `a:1` and `b:2` of `redis+cluster://user:secret@a:1,b:2/0`. */
function hostsOf(url: string): string[] {
  const authority = /^[^:]+:\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(url)?.[1] ?? ''
  return authority.split(',').filter((host) => host !== '')
}
