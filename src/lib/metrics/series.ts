/** Per-second figures of a run, index 0 = its first second. */

/** One metric's figures a second; distributions carry percentiles in the metric's unit, counters their increase. */
export type SeriesColumn =
  | {readonly type: 'counter'; readonly perSecond: readonly number[]}
  | {readonly type: 'gauge'; readonly value: readonly (number | null)[]}
  | {
      readonly type: 'distribution'
      readonly count: readonly number[]
      readonly p50: readonly (number | null)[]
      readonly p99: readonly (number | null)[]
      readonly max: readonly (number | null)[]
    }

export type Series = Readonly<Record<string, SeriesColumn>>
