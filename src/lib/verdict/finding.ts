/** What judging yields: a threshold, what was observed, and whether it held. */
import type {MetricSet, Unit} from '../metrics/metric.js'

export type Verdict = 'pass' | 'fail' | 'inconclusive'

/** A reason why our own side may have spoilt the measurement. */
export interface Doubt {
  /** Kebab-case: `worker-died`, `event-loop-delay`. */
  readonly name: string
  readonly why: string
  readonly advice: string
  /** What it makes inconclusive: every finding, or those on distributions measured in ms, or the named metrics. */
  readonly spoils: 'all' | 'latency' | readonly string[]
  /** Metrics that it can only have made worse: what breaks their bound is in doubt, and what holds it holds. */
  readonly worsens?: readonly string[]
}

/** One threshold, judged. Times in ms, sizes in bytes, rates per second, shares from 0 to 1. */
export interface Finding {
  /** The threshold in canonical text, without `warn:`. */
  readonly threshold: string
  readonly metric: string
  readonly tags: Readonly<Record<string, string>>
  readonly phase: string | undefined
  readonly observed: number | undefined
  readonly unit: Unit
  /** The number it was compared with. */
  readonly bound: number
  /** Samples of a percentile or share; undefined for plain counts. */
  readonly samples: number | undefined
  /** For counts: what it was tried on. */
  readonly exposure: number | undefined
  readonly exposedTo: string | undefined
  /** Two-sided 95 % interval of the estimate, where there is one. */
  readonly interval: readonly [number, number] | undefined
  /** How far the observed value is from the bound, as a share of the bound; positive holds. */
  readonly margin: number | undefined
  readonly verdict: Verdict
  /** A warning never breaks the run. */
  readonly warn: boolean
  /** Why it is not a pass, or passes without a figure; else undefined. */
  readonly why: string | undefined
}

/** What `check` hands to the judge. */
export interface Checked {
  readonly metrics: MetricSet
  readonly doubts: readonly Doubt[]
}
