/** The partitions of a run by arithmetic: each has a length of its own time, the first one begins long before the load. */
import {HOUR, type Ms} from '../../base/units.js'
import {tableOf} from './table.js'

/** The first partition takes what comes before the load, and survives a step of the server's clock. */
const LEAD: Ms = HOUR

export interface Bounds {
  readonly name: string
  /** By the server's clock, since 1970. */
  readonly fromMs: Ms
  /** Not included. */
  readonly toMs: Ms
}

export interface Timing {
  readonly run: string
  /** When the load begins, by the server's clock since 1970; whole. */
  readonly originMs: Ms
  /** Of one partition; whole. */
  readonly lengthMs: Ms
}

/** The partition of the given number, from 0. */
export function boundsOf({run, originMs, lengthMs}: Timing, index: number): Bounds {
  return {
    name: partitionOf(run, index),
    fromMs: index === 0 ? originMs - LEAD : originMs + index * lengthMs,
    toMs: originMs + (index + 1) * lengthMs,
  }
}

function partitionOf(run: string, index: number): string {
  return `${tableOf(run)}_p${String(index).padStart(4, '0')}`
}
