/** Which thresholds must hold in every second of a recovery, and what a threshold shows in the figures of one second; pure. */
import type {Figures} from '../../metrics/cells.js'
import type {Metric, MetricCatalogue, MetricDefinition} from '../../metrics/metric.js'
import {readBound} from '../../verdict/bound.js'
import {holds} from '../../verdict/compare.js'
import {observe} from '../../verdict/observe.js'
import {unitOf, type Threshold} from '../../verdict/threshold.js'

const STEADY = 'steady'

/**
 * Those that judge the steady phase and break the run: of latencies and rates, and counts that may not grow. What counts the whole run up is no
 * matter of a second.
 */
export function steadyRules(thresholds: readonly Threshold[], catalogue: MetricCatalogue): Threshold[] {
  return thresholds.filter((threshold) => {
    const definition = catalogue[threshold.metric]
    if (threshold.warn || definition === undefined || definition.known === 'end') return false
    return judgesSteady(threshold, definition) && isOfASecond(threshold, definition)
  })
}

function judgesSteady({phase, aggregate}: Threshold, {judged}: MetricDefinition): boolean {
  if (phase !== undefined) return phase === STEADY
  return judged !== 'run' || aggregate === 'rate'
}

function isOfASecond({aggregate, operator}: Threshold, {type}: MetricDefinition): boolean {
  if (type === 'distribution') return aggregate !== 'count'
  return type === 'counter' && (aggregate === 'rate' || !operator.startsWith('>'))
}

/** What has no samples in that second breaks nothing: silence is told by the successes. */
export function heldIn(figures: Figures, rules: readonly Threshold[], catalogue: MetricCatalogue): boolean {
  return rules.every((rule) => {
    const definition = catalogue[rule.metric]
    if (definition === undefined) return true
    const value = valueIn(figures, rule, definition)
    return value === undefined || keeps(rule, definition, value)
  })
}

export function keeps(threshold: Threshold, definition: MetricDefinition, value: number): boolean {
  const bound = readBound(threshold.bound, unitOf(threshold, definition))
  return holds({operator: threshold.operator, bound}, value)
}

/** What a threshold (`*` tags taken as any) observes in the figures of one second, or of many for a plain total; undefined where there is nothing. */
export function valueIn(
  figures: Figures,
  threshold: Threshold,
  definition: MetricDefinition,
  covers: (phase: string) => boolean = () => true,
): number | undefined {
  const metric = metricIn(figures, threshold.metric, definition)
  const bound = readBound(threshold.bound, unitOf(threshold, definition))
  return metric && observe(threshold, metric, {covers, seconds: 1}, bound).value
}

/** Shares are put together when the run is over. */
function metricIn(figures: Figures, name: string, definition: MetricDefinition): Metric | undefined {
  switch (definition.type) {
    case 'counter':
      return {type: 'counter', definition, slices: figures.counterSlices(name)}
    case 'distribution':
      return {type: 'distribution', definition, slices: figures.distributionSlices(name)}
    case 'gauge':
      return {type: 'gauge', definition, slices: figures.gaugeSlices(name)}
    case 'share':
      return undefined
  }
}
