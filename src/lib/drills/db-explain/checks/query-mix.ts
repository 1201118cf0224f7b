/** Draws queries as often as the workload calls them, each with one of its bindings. */
import type {Random} from '../../../base/random.js'
import type {BoundQuery, Value} from '../query.js'

export interface Drawn {
  readonly query: string
  readonly sql: string
  readonly values: readonly Value[]
}

export type Draw = () => Drawn

/** Undefined where there is nothing to draw. */
export function queryMix(queries: readonly BoundQuery[], random: Random): Draw | undefined {
  const able = queries.filter(({bindings, calls}) => bindings.length > 0 && calls > 0)
  const total = able.reduce((sum, {calls}) => sum + calls, 0)
  const last = able.at(-1)
  if (last === undefined) return undefined
  return () => {
    let left = random.next() * total
    const {name, sql, bindings} = able.find(({calls}) => (left -= calls) < 0) ?? last
    return {query: name, sql, values: bindings[random.below(bindings.length)]?.values ?? []}
  }
}
