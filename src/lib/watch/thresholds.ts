/** What a run warns of unasked, by the kinds of systems that it watches. */
import type {Resource} from './resource.js'
import type {WatchKind, WatchSpec} from './spec.js'

type Warned = 'cpu' | 'memory' | 'connections_used'

/** Above it, little is left for a burst. */
const LIMITS: Readonly<Record<Warned, string>> = {cpu: '70%', memory: '80%', connections_used: '80%'}

/** What each kind always tells; a Prometheus page may have anything on it. */
const TOLD: Readonly<Record<WatchKind, readonly Warned[]>> = {
  process: ['cpu', 'memory'],
  redis: ['cpu', 'memory', 'connections_used'],
  postgres: ['connections_used'],
  rabbitmq: ['memory'],
  prometheus: ['cpu'],
}

/** The resources that a system of this kind is warned of. */
export function promisedBy(kind: WatchKind): readonly Resource[] {
  return TOLD[kind]
}

/** None for a run that watches nothing. */
export function watchThresholds(specs: readonly Pick<WatchSpec, 'kind'>[]): string[] {
  const told = new Set(specs.flatMap(({kind}) => TOLD[kind]))
  return (Object.keys(LIMITS) as Warned[])
    .filter((resource) => told.has(resource))
    .map((resource) => `warn: max(watched_${resource}{of=*}) < ${LIMITS[resource]}`)
}
