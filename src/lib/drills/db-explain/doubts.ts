/** Why what was measured may not be trusted. Pure. */
import {generatorDoubts, type Sign} from '../../load/generator.js'
import type {Doubt} from '../../verdict/finding.js'
import type {DbExplainFacts} from './facts.js'
import {advised} from './findings.js'
import type {MetricName} from './metrics.js'

/** What is so far off between the first and the last block without the indexes was not quiet. */
const DRIFTED = 1.25

export function doubtsOf(facts: DbExplainFacts): Doubt[] {
  return [...waiting(facts), ...unseen(facts), ...givenUp(facts), ...ofTrial(facts)]
}

/** What could not be looked at may be slow, too; what is broken without it stays so. */
function unseen(facts: DbExplainFacts): Doubt[] {
  const [first] = facts.refused
  if (first === undefined) return []
  const spoils: MetricName[] = [
    ...(facts.looks.some(({slow}) => slow) ? [] : (['slow_queries'] as const)),
    ...(advised(facts).length > 0 ? [] : (['missing_indexes'] as const)),
  ]
  const others = facts.refused.length > 1 ? ` and ${facts.refused.length - 1} more` : ''
  return [
    {
      name: 'refused-queries',
      why: `${first.name}${others} could not be looked at: ${first.reason}`,
      advice: 'give a longer --statement-timeout, or leave them out',
      spoils,
    },
  ]
}

/** What they save counts with what is known; of their times by themselves too little is. */
function givenUp({looks}: Pick<DbExplainFacts, 'looks'>): Doubt[] {
  const all = looks.filter(({query}) => query.givenUpMs !== undefined)
  const [first] = all
  if (first === undefined) return []
  const others = all.length > 1 ? ` and ${all.length - 1} more` : ''
  const spoils: MetricName[] = ['query_time_before', 'query_time_after']
  return [
    {
      name: 'given-up',
      why: `${first.query.name}${others} took longer than --statement-timeout: the time is a lower bound, and the plan is the planner's estimate`,
      advice: 'give a longer --statement-timeout to see all of it',
      spoils,
    },
  ]
}

/** Nothing of ours runs beside a query that is timed, so that of our own health only the processor that we wait for counts. */
export const OWN_SIGNS: readonly Sign[] = ['processor-wait']

function waiting({generator}: Pick<DbExplainFacts, 'generator'>): Doubt[] {
  return generatorDoubts(generator, [], []).filter(({name}) => OWN_SIGNS.some((sign) => sign === name))
}

const PROVEN: readonly MetricName[] = ['query_speedup', 'workload_speedup', 'regressed_queries']

/** Where no query is slow nothing was built, and no figure hangs on whether the server was quiet. */
function ofTrial({looks, proof}: Pick<DbExplainFacts, 'looks' | 'proof'>): Doubt[] {
  const {drift, stopped} = proof ?? {}
  const drifted = looks.some(({slow}) => slow) && drift !== undefined && (drift > DRIFTED || drift < 1 / DRIFTED)
  return [
    ...(stopped === undefined
      ? []
      : [
          {
            name: 'trial-stopped',
            why: `the trial was given up: ${stopped}`,
            advice: 'try it when less is written, or with --copy',
            spoils: PROVEN,
          },
        ]),
    ...(drifted
      ? [
          {
            name: 'drift',
            why: `the same queries took ${drift.toFixed(2)} times as long at the end as at the beginning, without any index`,
            advice: 'try it when the server is quiet, or with --copy',
            spoils: PROVEN,
          },
        ]
      : []),
  ]
}
