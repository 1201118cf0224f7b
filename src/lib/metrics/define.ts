/** Short ways to define the metrics that every drill has many of. */
import type {MetricDefinition} from './metric.js'

/** A count, judged over the whole run: what happened in the ramp may no more go wrong than anything later. */
export function count(meaning: string, more: Partial<MetricDefinition> = {}): MetricDefinition {
  return {type: 'counter', unit: 'count', judged: 'run', meaning, ...more}
}

/** A distribution in milliseconds. */
export function time(meaning: string, more: Partial<MetricDefinition> = {}): MetricDefinition {
  return {type: 'distribution', unit: 'ms', meaning, ...more}
}
