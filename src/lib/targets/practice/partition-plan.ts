/** Which partitions there must be, by time: always some ahead, each as long as it takes to fill at the rate seen. */
import type {Ms, PerSecond} from '../../base/units.js'
import {PARTITION} from './limits.js'

/** A stretch of civil time in ms since 1970, end excluded. */
export interface Stretch {
  readonly starts: Ms
  readonly ends: Ms
}

export interface PartitionNeed {
  readonly now: Ms
  /** End of the last partition that there is; undefined when there is none. */
  readonly lastEnds: Ms | undefined
  /** Partitions that begin later than now. */
  readonly ahead: number
  /** Rows stored a second, of late. */
  readonly rate: PerSecond
}

/** As long as `rate` takes to fill a partition, in whole seconds within the bounds. */
export function partitionLength(rate: PerSecond): Ms {
  const seconds = rate > 0 ? Math.ceil(PARTITION.rows / rate) : Infinity
  return 1000 * Math.min(PARTITION.longestMs / 1000, Math.max(PARTITION.shortestMs / 1000, seconds))
}

/** The partitions to make now, without a gap. The first one of all begins in the past, for messages that were accepted before they are stored. */
export function partitionsToMake({now, lastEnds, ahead, rate}: PartitionNeed): readonly Stretch[] {
  const length = partitionLength(rate)
  const made: Stretch[] = []
  let from = lastEnds ?? Math.floor(now / 1000) * 1000 - PARTITION.longestMs
  for (let later = ahead; later < PARTITION.ahead;) {
    // After an outage one partition fills the time in which none could be made.
    const ends = from + length > now ? from + length : Math.ceil((now + length) / 1000) * 1000
    made.push({starts: from, ends})
    if (from > now) later++
    from = ends
  }
  return made
}
