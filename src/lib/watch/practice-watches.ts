/** What a drill against the practice target watches unasked: its nodes, its Redis and its Postgres. */
import type {WatchSpec} from './spec.js'

/** The part of a fault ground that can be watched. */
interface Ground {
  readonly redis?: string
  readonly postgres?: string
  readonly nodes: readonly {readonly name: string; readonly pid?: number}[]
}

/** Past the fault proxy, so that a fault on a link does not blind us. */
export function practiceWatches({redis, postgres, nodes}: Ground): WatchSpec[] {
  return [
    ...nodes.flatMap(({name, pid}): WatchSpec[] => (pid === undefined ? [] : [{kind: 'process', name, pid}])),
    ...(redis === undefined ? [] : [{kind: 'redis' as const, name: 'redis', url: redis}]),
    ...(postgres === undefined ? [] : [{kind: 'postgres' as const, name: 'postgres', url: postgres}]),
  ]
}
