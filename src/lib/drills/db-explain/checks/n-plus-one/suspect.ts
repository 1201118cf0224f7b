/** Finds statements that were called once for each row of another one; pure but for the parser. */
import {lookupOf, type Lookup} from '../lookup.js'
import type {Counted} from './statements.js'

export interface Suspicion {
  /** What brought the rows. */
  readonly parent: Counted
  /** What was called for each of them. */
  readonly child: Counted
  readonly lookup: Lookup
}

/**
 * Fewer calls are no pattern. Source: Sentry's detector of N+1 queries, which takes five spans
 * (https://docs.sentry.io/product/issues/issue-details/performance-issues/n-one-queries/); over a stretch with many statements, chance takes more.
 */
const FEWEST_CALLS = 10
/** Calls per row of the parent: some rows have no child, some are asked for twice. */
const AS_OFTEN = [0.9, 1.1] as const
/** A parent that brings one row a call is a lookup itself. */
const LEAST_ROWS_A_CALL = 2

export async function suspect(statements: readonly Counted[]): Promise<readonly Suspicion[]> {
  const often = statements.filter(({calls}) => calls >= FEWEST_CALLS)
  const suspicions = await Promise.all(
    often.map(async (child): Promise<readonly Suspicion[]> => {
      const parent = parentOf(child, statements)
      const lookup = parent && (await lookupOf(child.sql))
      return parent && lookup ? [{parent, child, lookup}] : []
    }),
  )
  return suspicions.flat().toSorted((one, other) => other.child.totalMs - one.child.totalMs)
}

/** The one whose rows are nearest to the calls. */
function parentOf(child: Counted, statements: readonly Counted[]): Counted | undefined {
  const [low, high] = AS_OFTEN
  const distance = ({rows}: Counted) => Math.abs(Math.log(child.calls / rows))
  return statements
    .filter(
      (one) =>
        one.id !== child.id && one.rows >= one.calls * LEAST_ROWS_A_CALL && /^[\s(]*(select|with)\b/i.test(one.sql),
    )
    .filter(({rows}) => child.calls >= rows * low && child.calls <= rows * high)
    .toSorted((one, other) => distance(one) - distance(other))[0]
}
