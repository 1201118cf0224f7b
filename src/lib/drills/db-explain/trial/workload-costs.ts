/** What the planner thinks of a workload when it sees certain indexes. */
import {DatabaseError} from 'pg'
import {isFinal} from '../../../protocols/postgres/trouble.js'
import type {BoundQuery} from '../query.js'
import {glanceAt, type Glance} from './glance.js'
import type {TrialGround} from './trial-ground.js'

export interface QueryCost {
  /** Mean over its bindings, in the planner's units. */
  readonly cost: number
  /** Names of all indexes that one of its plans reads. */
  readonly indexes: readonly string[]
  /** `schema.table` */
  readonly tables: readonly string[]
}

/** By the query's name; one that cannot be planned is missing. */
export type Costs = ReadonlyMap<string, QueryCost>

/** Of what the ground shows right now. */
export async function costsOf(ground: TrialGround, queries: readonly BoundQuery[]): Promise<Costs> {
  const costs = new Map<string, QueryCost>()
  for (const query of queries) {
    const glances = await glancesOf(ground, query)
    if (glances.length > 0) costs.set(query.name, merged(glances))
  }
  return costs
}

/** None where the server refuses to plan it. */
async function glancesOf(ground: TrialGround, {sql, bindings}: BoundQuery): Promise<readonly Glance[]> {
  try {
    return await ground.reads(async () => {
      const glances: Glance[] = []
      for (const {values} of bindings) glances.push(await glanceAt(ground.session, sql, values))
      return glances
    })
  } catch (error) {
    if (!(error instanceof DatabaseError) || isFinal(error)) throw error
    return []
  }
}

function merged(glances: readonly Glance[]): QueryCost {
  return {
    cost: glances.reduce((sum, {cost}) => sum + cost, 0) / glances.length,
    indexes: [...new Set(glances.flatMap(({indexes}) => indexes))],
    tables: [...new Set(glances.flatMap(({tables}) => tables))],
  }
}
