/** The words for what is measured: what a metric means, and its values cut by phase and tag. */
import type {Histogram} from './histogram.js'

export type Unit = 'ms' | 'count' | 'bytes' | 'perSecond' | 'share'

/** What one metric is; a drill's catalogue holds all that it can report. */
export interface MetricDefinition {
  readonly type: 'distribution' | 'counter' | 'gauge' | 'share'
  readonly unit: Unit
  /** One sentence for docs and help. */
  readonly meaning: string
  /** For counts: what they were tried on, as a plural noun: `deliveries`. Printed as "0 of 40,000 deliveries". */
  readonly exposedTo?: string
  /** Which phases a threshold without `during` judges: the steady ones (default), or the whole run but the drain's own figures. */
  readonly judged?: 'steady' | 'run'
  /** Whether it has a figure while the run goes on (default), or only when it is over: then it cannot stop the run. */
  readonly known?: 'live' | 'end'
  /** Only of a share: it may be more than 100 %, as what became twice as slow is slower by 100 %. */
  readonly beyondAll?: boolean
  /** Tag names that its slices may carry. */
  readonly tags?: readonly string[]
}

export type MetricCatalogue = Readonly<Record<string, MetricDefinition>>

export type Tags = Readonly<Record<string, string>>

interface SliceOf {
  /** Name of the phase in which it was due; a value that belongs to no phase carries ''. */
  readonly phase: string
  readonly tags: Tags
}

/** A distribution's part: `independent` is how many of the samples stand for themselves (messages, not receivers of one message). */
export interface DistributionSlice extends SliceOf {
  readonly histogram: Histogram
  readonly independent: number
}

/** A counter's part; without `exposure` the count was not tried on anything countable. */
export interface CounterSlice extends SliceOf {
  readonly value: number
  readonly exposure?: number
}

export interface GaugeSlice extends SliceOf {
  readonly value: number
  /** Of a value that is estimated, as a slope is: holds the true one in 95 of 100 runs. */
  readonly interval?: readonly [number, number]
}

/** A gauge's value that could not be taken. */
export interface MissingValue extends SliceOf {
  readonly why: string
  /** It is known to be no less than this. */
  readonly atLeast?: number
  /** All was looked at, and there is nothing of which it could have been taken: what is promised of each value is kept. */
  readonly vacuous?: boolean
}

/** A share's part: `hits` of `trials`. */
export interface ShareSlice extends SliceOf {
  readonly hits: number
  readonly trials: number
}

/** One metric's values, ready to be judged and reported. */
export type Metric =
  | {
      readonly type: 'distribution'
      readonly definition: MetricDefinition
      readonly slices: readonly DistributionSlice[]
    }
  | {readonly type: 'counter'; readonly definition: MetricDefinition; readonly slices: readonly CounterSlice[]}
  | {
      readonly type: 'gauge'
      readonly definition: MetricDefinition
      readonly slices: readonly GaugeSlice[]
      readonly missing?: readonly MissingValue[]
    }
  | {readonly type: 'share'; readonly definition: MetricDefinition; readonly slices: readonly ShareSlice[]}

export type MetricSet = Readonly<Record<string, Metric>>

/** A stretch of the run; phases never overlap. `startMs` and `endMs` count from the run's start. */
export interface Phase {
  readonly name: string
  readonly startMs: number
  readonly endMs: number
}
