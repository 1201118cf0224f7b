/** db-explain: finds the slow queries of a Postgres, proposes the missing indexes, tries them, and measures what they bring. */
import type {Drill} from '../drill.js'
import {check} from './check.js'
import {drive} from './drive.js'
import type {DbExplainFacts} from './facts.js'
import type {DbExplainInput} from './input.js'
import {dbExplainMetrics} from './metrics.js'
import {next} from './next.js'
import {plan, type DbExplainPlan} from './plan.js'

export const dbExplain: Drill<DbExplainInput, DbExplainPlan, DbExplainFacts> = {
  name: 'db-explain',
  metrics: dbExplainMetrics,
  latency: 'query_time_before',
  next,
  plan,
  drive,
  check,
}
