/**
 * Reads what `--watch` takes. The grammar:
 *
 *   watch      = [ name "=" ] system
 *   system     = process | postgres | redis | rabbitmq | prometheus
 *   process    = "pid:" number                                            pid:4711
 *   postgres   = ( "postgres" | "postgresql" ) "://" rest                 postgres://user@host:5432/database
 *   redis      = ( "redis" | "rediss" ) "://" rest                        redis://host:6379
 *   rabbitmq   = "rabbitmq+" ( "http" | "https" ) "://" rest              rabbitmq+http://user:password@host:15672
 *   prometheus = ( "http" | "https" ) "://" rest                          http://host:9100/metrics
 *   name       = letter { letter | digit | "." | "-" | "_" }              chat=pid:4711
 *
 * In the query of a Prometheus page, `metrics=a,b` names what else to take from it, and `metrics=*` takes all. It is not sent.
 */
import {UsageError} from '../base/errors.js'
import {nearest} from '../base/nearest.js'
import {redact} from '../base/redact.js'
import type {PrometheusSpec, ServerSpec, WatchKind, WatchSpec} from './spec.js'

const FORMS: Readonly<Record<WatchKind, string>> = {
  process: 'pid:4711',
  prometheus: 'http://host:9100/metrics',
  postgres: 'postgres://user@host:5432/database',
  redis: 'redis://host:6379',
  rabbitmq: 'rabbitmq+http://user:password@host:15672',
}

const SCHEMES: ReadonlyMap<string, Exclude<WatchKind, 'process'>> = new Map([
  ['postgres', 'postgres'],
  ['postgresql', 'postgres'],
  ['redis', 'redis'],
  ['rediss', 'redis'],
  ['rabbitmq+http', 'rabbitmq'],
  ['rabbitmq+https', 'rabbitmq'],
  ['http', 'prometheus'],
  ['https', 'prometheus'],
])

/** What people write who mean one of the forms. */
const SLIPS: readonly (readonly [pattern: RegExp, kind: WatchKind, why?: string])[] = [
  [/^(pid[\s=:/]*)?\d+$/i, 'process'],
  [/^(process|proc|p)[:=/]/i, 'process'],
  [/^(amqps?|rabbit(mq)?(\+?amqps?)?):/i, 'rabbitmq', 'RabbitMQ is watched by its management API'],
  [/^rediss?[+-](cluster|sentinel):/i, 'redis', 'each server of a cluster is watched by itself'],
  [/^(prometheus|prom|metrics)(\+https?)?:/i, 'prometheus'],
  [/^[\w.-]+:\d+(\/|$)/, 'prometheus'],
]

/** Reads all of a run and gives each a name of its own. Throws a UsageError that names the nearest right form. */
export function parseWatches(texts: readonly string[]): WatchSpec[] {
  const taken = new Set<string>()
  const parsed = texts.map(parseWatch)
  for (const {spec, isNamed} of parsed) {
    if (!isNamed) continue
    if (taken.has(spec.name)) throw new UsageError(`--watch: two systems are called '${spec.name}'`)
    taken.add(spec.name)
  }
  return parsed.map(({spec, isNamed}) => Object.freeze(isNamed ? spec : {...spec, name: freeName(spec.name, taken)}))
}

/** The next free one of `redis`, `redis-2`, `redis-3`, … */
function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`
  taken.add(name)
  return name
}

function parseWatch(text: string): {readonly spec: WatchSpec; readonly isNamed: boolean} {
  const trimmed = text.trim()
  const [, name, rest = trimmed] = /^([a-z][\w.-]*)\s*=\s*(.*)$/is.exec(trimmed) ?? []
  const isNamed = name !== undefined && !/^pid$/i.test(name)
  const system = isNamed ? rest : trimmed
  return {spec: isNamed ? {...systemOf(system, text), name} : systemOf(system, text), isNamed}
}

function systemOf(system: string, text: string): WatchSpec {
  const pid = /^pid:(\d+)$/.exec(system)?.[1]
  if (pid !== undefined) return {kind: 'process', name: `pid-${pid}`, pid: processId(Number(pid), text)}
  const scheme = /^([a-z][a-z0-9+-]*):\/\//i.exec(system)?.[1]?.toLowerCase() ?? ''
  const kind = SCHEMES.get(scheme)
  if (kind === undefined) throw unreadable(system, scheme, text)
  const url = urlOf(system, kind, text)
  return kind === 'prometheus' ? prometheusSpec(url) : serverSpec(kind, url)
}

/** A Postgres may be meant without a host: that of this machine. */
function urlOf(system: string, kind: WatchKind, text: string): URL {
  if (!URL.canParse(system)) throw refusal(text, 'the URL is none', kind)
  const url = new URL(system)
  if (url.hostname === '' && kind !== 'postgres') throw refusal(text, 'the URL names no host', kind)
  return url
}

function processId(pid: number, text: string): number {
  if (Number.isSafeInteger(pid) && pid > 0) return pid
  throw refusal(text, `there is no process ${pid}`, 'process')
}

function serverSpec(kind: ServerSpec['kind'], url: URL): ServerSpec {
  return {kind, name: kind, url: kind === 'rabbitmq' ? url.toString().slice('rabbitmq+'.length) : url.toString()}
}

function prometheusSpec(url: URL): PrometheusSpec {
  const wanted = (url.searchParams.get('metrics') ?? '')
    .split(',')
    .map((metric) => metric.trim())
    .filter((metric) => metric !== '')
  url.searchParams.delete('metrics')
  return {
    kind: 'prometheus',
    name: url.host,
    url: url.toString(),
    metrics: wanted.includes('*') ? 'all' : [...new Set(wanted)],
  }
}

function unreadable(system: string, scheme: string, text: string): UsageError {
  const slip = SLIPS.find(([pattern]) => pattern.test(system))
  if (slip !== undefined) return refusal(text, slip[2], slip[1])
  const meant = nearest(scheme, SCHEMES.keys())
  if (scheme !== '' && meant !== undefined) return refusal(text, `unknown scheme '${scheme}'`, SCHEMES.get(meant))
  return refusal(text)
}

function refusal(text: string, why = 'it names nothing that can be watched', meant?: WatchKind): UsageError {
  const forms = Object.values(FORMS).join(', ')
  const hint =
    meant === undefined ? `known forms: ${forms}; each may have a name in front: NAME=…` : `write ${FORMS[meant]}`
  return new UsageError(`--watch '${redact(text)}': ${why}`, {hint})
}
