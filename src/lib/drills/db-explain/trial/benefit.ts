/** What indexes give a workload: each query's part of the time, times the part of it that the planner thinks will be saved. */
import type {Ms, Share} from '../../../base/units.js'
import type {BoundQuery} from '../query.js'
import type {Costs} from './workload-costs.js'

export interface Benefits {
  /** Part of the whole workload's time that is saved when costs go from one to the other; below 0 when it gets slower. */
  saved(from: Costs, to: Costs): Share
  /** Queries that are slow by themselves and of which at least this part is saved. */
  helped(from: Costs, to: Costs, least: Share): readonly string[]
}

export interface Weighing {
  /** What one call takes now; of queries without it the planner's cost stands in, for all of them. */
  readonly times: ReadonlyMap<string, Ms>
  /** From here on a query is slow by itself. */
  readonly slowMs: Ms
}

export function benefitsOf(queries: readonly BoundQuery[], before: Costs, {times, slowMs}: Weighing): Benefits {
  const known = queries.every(({name}) => times.has(name))
  const weights = queries.map((query) => {
    const time = known ? times.get(query.name) : before.get(query.name)?.cost
    return [query.name, query.calls * (time ?? 0)] as const
  })
  const whole = weights.reduce((sum, [, weight]) => sum + weight, 0) || 1
  const base = (name: string) => before.get(name)?.cost ?? 0
  /** As a part of what the query costs without any of them, so that savings of several steps add up. */
  const savedOf = (name: string, from: Costs, to: Costs) => {
    const [left, right] = [from.get(name)?.cost, to.get(name)?.cost]
    return left === undefined || right === undefined || base(name) <= 0 ? 0 : (left - right) / base(name)
  }
  const slow = queries.filter(({name}) => (times.get(name) ?? 0) >= slowMs)
  return {
    saved: (from, to) => weights.reduce((sum, [name, weight]) => sum + (weight / whole) * savedOf(name, from, to), 0),
    helped: (from, to, least) => slow.map(({name}) => name).filter((name) => savedOf(name, from, to) >= least),
  }
}
