/** What the planner thinks of a workload when it sees certain indexes. */
import {DatabaseError} from 'pg'
import {isFinal} from '../../../protocols/postgres/trouble.js'
import {explain} from '../plans/explain.js'
import type {Plan, Relation} from '../plans/plan-node.js'
import {relationsOf} from '../plans/relations-of.js'
import type {BoundQuery} from '../query.js'
import type {TrialGround} from './trial-ground.js'

export interface QueryCost {
  /** Mean over its bindings, in the planner's units. */
  readonly cost: number
  /** Names of all indexes that one of its plans reads. */
  readonly indexes: readonly string[]
  readonly tables: readonly Pick<Relation, 'schema' | 'name'>[]
}

/** By the query's name; one that cannot be planned is missing. */
export type Costs = ReadonlyMap<string, QueryCost>

/** Of what the ground shows right now. */
export async function costsOf(ground: TrialGround, queries: readonly BoundQuery[]): Promise<Costs> {
  const costs = new Map<string, QueryCost>()
  for (const query of queries) {
    const plans = await plansOf(ground, query)
    if (plans.length > 0) costs.set(query.name, merged(plans))
  }
  return costs
}

/** None where the server refuses to plan it. */
async function plansOf(ground: TrialGround, query: BoundQuery): Promise<readonly Plan[]> {
  try {
    return await ground.reads(async () => {
      const plans: Plan[] = []
      for (const {values} of query.bindings) plans.push(await explain(ground.session, query, values))
      return plans
    })
  } catch (error) {
    if (!(error instanceof DatabaseError) || isFinal(error)) throw error
    return []
  }
}

function merged(plans: readonly Plan[]): QueryCost {
  return {
    cost: plans.reduce((sum, {cost}) => sum + cost, 0) / plans.length,
    indexes: [...new Set(plans.flatMap(({indexes}) => indexes))],
    tables: relationsOf(plans),
  }
}
