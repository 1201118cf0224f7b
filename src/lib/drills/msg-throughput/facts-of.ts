/** Puts together what a run brings home. */
import type {Ms} from '../../base/units.js'
import type {Course} from '../../faults/course/course.js'
import {countsByTag} from '../../metrics/reading.js'
import {curveOf, heldPhases} from '../../verdict/knee.js'
import type {ArchiveFacts} from './archive.js'
import type {MsgThroughputFacts} from './facts.js'
import type {MsgThroughputPlan} from './plan.js'
import {rateScale, type RateLevel} from './rate-levels.js'
import type {WorkerAccount} from './share.js'
import type {RunSite} from './sites.js'
import type {StoreFacts} from './stores.js'
import type {ThroughputCrew} from './crew.js'

export interface Outcome {
  readonly plan: MsgThroughputPlan
  readonly crew: ThroughputCrew
  readonly course: Course
  readonly startedAtMs: Ms
  readonly endMs: Ms
  readonly lastDueMs: Ms
  /** Of a search. */
  readonly levels: readonly RateLevel[] | undefined
  readonly accounts: readonly WorkerAccount[]
  readonly site: RunSite | undefined
  readonly deepestQueue: number | undefined
  readonly stores: StoreFacts | undefined
  readonly archive: ArchiveFacts | undefined
  /** What could not be removed. */
  readonly left: readonly string[]
}

export function factsOf({crew, course, startedAtMs, endMs, levels, ...told}: Outcome): MsgThroughputFacts {
  const {measurements, deaths} = crew
  const phases = crew.timeline.phases(startedAtMs, endMs)
  const {stores, archive, deepestQueue} = told
  return {
    phases,
    startedAtMs,
    lastDueMs: told.lastDueMs,
    measurements,
    deaths,
    faults: course.account(endMs),
    series: measurements.series(),
    generator: crew.health(levels ? heldPhases(phases, levels) : phases, startedAtMs),
    ...(levels && {levels, curve: curveOf(levels, rateScale)}),
    deepestQueue,
    stores,
    archive,
    evidence: {
      clock: "publishers and consumers share this host's monotonic clock",
      layout: told.plan.layout,
      ...(told.site?.server !== undefined && {server: told.site.server}),
      ...(levels && {levels}),
      ...(stores && {stores}),
      ...(archive && {archive}),
      refused: countsByTag(measurements, 'messages_refused', 'reason'),
      unknown: countsByTag(measurements, 'messages_unknown', 'reason'),
      connectionErrors: countsByTag(measurements, 'connection_errors', 'reason'),
      lostExamples: told.accounts.flatMap(({examples}) => examples),
      historyTrouble: told.accounts.find(({historyTrouble}) => historyTrouble !== undefined)?.historyTrouble ?? null,
      leftBehind: told.left,
    },
  }
}
