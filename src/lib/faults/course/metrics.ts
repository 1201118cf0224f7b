/** The metrics of faults, the same in every drill: a catalogue takes them with `...faultMetrics`, a check with `...faultMeasurements(facts)`. */
import type {Metric, MetricCatalogue, MetricDefinition, MetricSet, MissingValue} from '../../metrics/metric.js'
import type {FaultFacts, Outcomes} from './account.js'

const common = {judged: 'run', known: 'end', tags: ['fault']} as const

function time(meaning: string): MetricDefinition {
  return {type: 'gauge', unit: 'ms', meaning, ...common}
}

function count(meaning: string): MetricDefinition {
  return {type: 'counter', unit: 'count', meaning, ...common}
}

function share(meaning: string): MetricDefinition {
  return {type: 'share', unit: 'share', meaning, ...common}
}

export const faultMetrics = {
  fault_time_to_first_error: time(
    'from the injection of a fault to the first operation that failed or stayed open, or the first user cut off',
  ),
  fault_time_to_recovery: time(
    'from when a fault was put right until the steady thresholds held again, with 90 % of the successes before',
  ),
  fault_availability: share('operations due while the fault was in force that certainly succeeded'),
  fault_availability_at_most: share('operations due while the fault was in force that succeeded or stayed open'),
  fault_messages_lost: count('deliveries lost across a fault and its recovery'),
  fault_messages_recovered: count('of the lost ones, those that the history holds'),
  fault_messages_duplicated: count('deliveries that arrived once more across a fault and its recovery'),
  reconnect_peak_100ms: count('the most attempts to come back in 100 ms because of a fault'),
  reconnect_peak_1s: count('the most attempts to come back in one second because of a fault'),
  reconnected_50: time('from the first user that a fault cut off until half of them were back'),
  reconnected_95: time('from the first user that a fault cut off until 95 % of them were back'),
  reconnected_100: time('from the first user that a fault cut off until all of them were back'),
} as const satisfies MetricCatalogue

type Name = keyof typeof faultMetrics

/** Nothing for a run without faults. */
export function faultMeasurements(faults: readonly FaultFacts[]): MetricSet {
  if (faults.length === 0) return {}
  return Object.fromEntries((Object.keys(faultMetrics) as Name[]).map((name) => [name, metricOf(name, faults)]))
}

type Place = Pick<MissingValue, 'phase' | 'tags'>

function metricOf(name: Name, faults: readonly FaultFacts[]): Metric {
  const definition = faultMetrics[name]
  const placed = faults.map((fault) => ({fault, place: {phase: '', tags: {fault: fault.label}}}))
  const came = placed.flatMap(({fault: {effect}, place}) => (effect === null ? [] : [{effect, place}]))
  if (definition.type === 'gauge')
    return gaugeOf(
      definition,
      placed.map(({fault, place}) => [place, timeOf(name, fault)]),
    )
  if (definition.type === 'counter') {
    return {
      type: 'counter',
      definition,
      slices: came.map(({effect, place}) => ({...place, value: countOf(name, effect)})),
    }
  }
  const slices = came.map(({effect, place}) => ({...place, ...shareOf(name, effect.outcomes)}))
  return {type: 'share', definition, slices}
}

function gaugeOf(definition: MetricDefinition, values: readonly (readonly [Place, number | Missing])[]): Metric {
  return {
    type: 'gauge',
    definition,
    slices: values.flatMap(([place, value]) => (typeof value === 'number' ? [{...place, value}] : [])),
    missing: values.flatMap(([place, value]) => (typeof value === 'number' ? [] : [{...place, ...value}])),
  }
}

type Missing = Pick<MissingValue, 'why' | 'atLeast'>

function timeOf(name: Name, fault: FaultFacts): number | Missing {
  const {effect, label} = fault
  if (effect === null)
    return {why: `${label} was not injected${fault.trouble === undefined ? '' : `: ${fault.trouble}`}`}
  if (name === 'fault_time_to_recovery') return recoveryTime(fault)
  if (name === 'fault_time_to_first_error')
    return effect.firstErrorMs ?? {why: `${label}: no operation failed and nobody was cut off`}
  const {cutOff, back50Ms, back95Ms, back100Ms} = effect.returning
  const times: Partial<Record<Name, number | null>> = {
    reconnected_50: back50Ms,
    reconnected_95: back95Ms,
    reconnected_100: back100Ms,
  }
  const why = cutOff === 0 ? 'nobody was cut off' : `not that many of the ${cutOff} that were cut off came back`
  return times[name] ?? {why: `${label}: ${why}`}
}

function recoveryTime({label, recovery, outcome, trouble}: FaultFacts): number | Missing {
  if (recovery?.state === 'seen') return recovery.afterMs
  if (recovery?.state === 'unseen') {
    const {why, atLeastMs} = recovery
    return {why: `${label} was ${why}`, ...(atLeastMs === undefined ? {} : {atLeast: atLeastMs})}
  }
  return {why: `${label} was ${outcome}${trouble === undefined ? '' : `: ${trouble}`}`}
}

function countOf(name: Name, {lost, recovered, duplicated, returning}: NonNullable<FaultFacts['effect']>): number {
  const counts: Partial<Record<Name, number>> = {
    fault_messages_lost: lost,
    fault_messages_recovered: recovered,
    fault_messages_duplicated: duplicated,
    reconnect_peak_100ms: returning.attemptPeak100Ms,
    reconnect_peak_1s: returning.attemptPeak1s,
  }
  return counts[name] ?? 0
}

function shareOf(name: Name, {ok, failed, unknown}: Outcomes): {hits: number; trials: number} {
  const trials = ok + failed + unknown
  return {hits: name === 'fault_availability' ? ok : ok + unknown, trials}
}
