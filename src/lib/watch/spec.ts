/** What is to be watched: data that a plan can hold, and how it is shown. */
import {redact} from '../base/redact.js'

interface Named {
  /** The value of the tag `of`. */
  readonly name: string
}

export interface ProcessSpec extends Named {
  readonly kind: 'process'
  readonly pid: number
}

/** The URL carries a password. */
export interface ServerSpec extends Named {
  readonly kind: 'postgres' | 'redis' | 'rabbitmq'
  readonly url: string
}

export interface PrometheusSpec extends Named {
  readonly kind: 'prometheus'
  /** May carry a password. */
  readonly url: string
  /** Beside what every page is asked for: metrics by name, or `all` that it has, up to a bound. */
  readonly metrics: readonly string[] | 'all'
}

export type WatchSpec = ProcessSpec | ServerSpec | PrometheusSpec

export type WatchKind = WatchSpec['kind']

/** `process 4711`, `postgres at 127.0.0.1:5432`: without secrets. */
export function placeOf(spec: WatchSpec): string {
  if (spec.kind === 'process') return `process ${spec.pid}`
  if (spec.kind === 'prometheus') return redact(spec.url)
  return `${spec.kind} at ${new URL(spec.url).host || 'localhost'}`
}
