/** What a drill promises by default when faults come: what it promises without them, as far as a fault may not break it; pure. */
import type {PlannedFault} from '../fault.js'
import {parseThreshold} from '../../verdict/threshold-parser.js'
import {formatThreshold, type Threshold} from '../../verdict/threshold.js'

type Told = Pick<PlannedFault, 'needs' | 'parameters'>

export interface UnderFaults {
  readonly faults: readonly Told[]
  /** The guarantee that the target declares. */
  readonly delivery: 'at-most-once' | 'at-least-once' | 'exactly-once' | undefined
  /** The metric that counts lost deliveries. */
  readonly lost: string
  /** Metrics that break when users are cut off: where a fault does that by itself, they are judged outside of it and its recovery. */
  readonly disturbed: readonly string[]
}

const RECOVERY = 'fault_time_to_recovery{fault=*} <= 30s'

/** The thresholds as they are when there are no faults. */
export function promisesUnderFaults(thresholds: readonly string[], under: UnderFaults): string[] {
  if (under.faults.length === 0) return [...thresholds]
  const promised = thresholds.map(parseThreshold).flatMap((threshold) => underFaults(threshold, under))
  return [...promised.map(formatThreshold), RECOVERY]
}

/** Links behind the target: whoever is cut off when one fails was cut off by the target. */
const BEHIND: ReadonlySet<unknown> = new Set(['redis', 'postgres'])

/** A node that goes takes its users with it, and so does a link towards them. */
function cutsUsersOff({needs, parameters}: Told): boolean {
  return needs === 'node' || (needs === 'proxy' && !BEHIND.has(parameters['proxy']))
}

/** Only at-most-once lets messages get lost, and only while the fault is to blame for it. */
function underFaults(threshold: Threshold, {faults, delivery, lost, disturbed}: UnderFaults): Threshold[] {
  if (threshold.phase !== undefined) return [threshold]
  const during = (phase: string, warn: boolean): Threshold => ({...threshold, phase, warn})
  if (threshold.metric === lost && delivery === 'at-most-once')
    return [during('steady', threshold.warn), during('fault', true), during('recovery', true)]
  const excused = disturbed.includes(threshold.metric) && faults.some(cutsUsersOff)
  return [excused ? during('steady', threshold.warn) : threshold]
}
