/** What the new indexes save, of each slow query and of the workload, as metrics. Pure. */
import {seededRandom} from '../../base/random.js'
import type {GaugeSlice, Metric, MissingValue} from '../../metrics/metric.js'
import type {Ratio, Times} from '../../verdict/time-ratio.js'
import {workloadRatio} from '../../verdict/workload-ratio.js'
import type {DbExplainFacts, Look} from './facts.js'
import {unindexable} from './findings.js'
import {dbExplainMetrics} from './metrics.js'
import type {Measured} from './trial/measured.js'

type Nothing = Pick<MissingValue, 'why' | 'vacuous'>

/** What takes next to no time cannot be halved, and need not; but what was not looked at may be slow. */
function nothingSlow({looks, skipped}: DbExplainFacts): Nothing {
  if (looks.length === 0) return {why: 'no query was looked at'}
  const unseen = skipped.length === 1 ? '1 was' : `${skipped.length} were`
  return skipped.length > 0
    ? {why: `no query is slow of those that were looked at, but ${unseen} skipped`}
    : {why: 'no query is slow: there is nothing to prove', vacuous: true}
}

/** By the name of the query. */
export type MeasuredByName = ReadonlyMap<string, Measured>

/** Of each slow query that an index serves; one that none serves has a row of its own unless it is known why. */
export function querySpeedup(facts: DbExplainFacts, byName: MeasuredByName): Metric {
  const slow = facts.looks.filter((look) => look.slow)
  const unserved = new Map(unindexable(facts).map((one) => [one.query, one]))
  const slices: GaugeSlice[] = []
  const missing: MissingValue[] = slow.length > 0 ? [] : [{phase: '', tags: {query: '*'}, ...nothingSlow(facts)}]
  for (const {query} of slow) {
    const place = {phase: '', tags: {query: query.name}}
    const [measured, none] = [byName.get(query.name), unserved.get(query.name)]
    if (none !== undefined) {
      if (!none.known) missing.push({...place, why: `no index was found for it: ${none.why}`})
    } else if (measured?.ratio === undefined) {
      missing.push({...place, why: `it could not be measured (${measured?.ended ?? 'not run'})`})
    } else if (measured.timeouts.after > 0) {
      missing.push({...place, why: 'with the new indexes, too, it takes longer than it was given'})
    } else slices.push({...place, ...savingOf(measured.ratio, measured.timeouts.before > 0)})
  }
  return {type: 'gauge', definition: dbExplainMetrics.query_speedup, slices, missing}
}

/** Of all queries together, each by how often it is called. */
export function workloadSpeedup(facts: DbExplainFacts, byName: MeasuredByName, seed: string): Metric {
  const place = {phase: '', tags: {}}
  const found = workloadOf(facts, byName, seed)
  if ('why' in found) return ofWorkload([], [{...place, ...found}])
  const all = [...byName.values()]
  const isLowerBound = all.some(({timeouts}) => timeouts.before > 0)
  const stillLong = all.filter(({timeouts}) => timeouts.after > 0).map(({query}) => query)
  const why = `how long it takes with the new indexes is not known of ${stillLong.join(', ')}`
  return ofWorkload([{...place, ...savingOf(found, isLowerBound)}], stillLong.length === 0 ? [] : [{...place, why}])
}

function ofWorkload(slices: readonly GaugeSlice[], missing: readonly MissingValue[]): Metric {
  return {type: 'gauge', definition: dbExplainMetrics.workload_speedup, slices, missing}
}

/** Or why there is none to judge: where nothing was tried, with and without differ by chance alone. */
function workloadOf({looks, ...facts}: DbExplainFacts, byName: MeasuredByName, seed: string): Ratio | Nothing {
  if (looks.every((look) => !look.slow)) return nothingSlow({looks, ...facts})
  const {chosen = [], rejected = [], notTried = []} = facts.proof?.choice ?? {}
  const [first] = notTried
  if (first !== undefined && chosen.length + rejected.length === 0)
    return {why: `no index could be tried: ${first.reason}`}
  const members = looks.flatMap((look) => {
    const measured = byName.get(look.query.name)
    return measured === undefined ? [] : [{calls: look.query.calls, strata: timesOf(look, measured)}]
  })
  const paired = [...byName.values()].every(({design}) => design === 'pairs')
  const ratio = workloadRatio(members, seededRandom(seed).fork('workload'), {paired})
  return ratio ?? {why: 'nothing was measured'}
}

/** A query that was given up weighs as much as was seen of it when nobody hurried; with the same plans it takes as long with the indexes. */
function timesOf({query, timeMs}: Look, {bindings, samePlan}: Measured): readonly Times[] {
  if (query.givenUpMs === undefined) return bindings
  const all = (times: readonly number[]) => times.map(() => timeMs)
  return bindings.map(({before, after}) => ({before: all(before), after: samePlan ? all(after) : after}))
}

/** 1 − after/before; the interval turns round with it. Of what is known to take longer before, it may be anything up to all. */
function savingOf(
  {ratio, interval: [low, high]}: Ratio,
  isLowerBound: boolean,
): {value: number; interval: [number, number]} {
  return {value: 1 - ratio, interval: [1 - high, isLowerBound ? 1 : 1 - low]}
}
