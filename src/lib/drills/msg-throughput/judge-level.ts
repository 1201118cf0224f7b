/** Judges one level of a search by the thresholds of the plan, on what was due in that level; pure. */
import type {PerSecond} from '../../base/units.js'
import type {Phase} from '../../metrics/metric.js'
import {judgeLevel} from '../../verdict/level.js'
import {parseThreshold} from '../../verdict/threshold-parser.js'
import {formatThreshold} from '../../verdict/threshold.js'
import {check} from './check.js'
import type {MsgThroughputFacts} from './facts.js'
import type {MsgThroughputPlan} from './plan.js'
import {promisesOf} from './promises.js'
import type {RateLevel} from './rate-levels.js'

export interface LevelEvidence extends Pick<
  MsgThroughputFacts,
  'measurements' | 'deaths' | 'generator' | 'series' | 'startedAtMs'
> {
  readonly rate: PerSecond
  /** The stretch that is judged. */
  readonly phase: Phase
}

export function judgeRate(plan: MsgThroughputPlan, {rate, phase, ...told}: LevelEvidence): RateLevel {
  const facts: MsgThroughputFacts = {
    ...told,
    phases: [phase],
    lastDueMs: told.startedAtMs + phase.endMs,
    faults: [],
    deepestQueue: undefined,
    stores: undefined,
    archive: undefined,
    evidence: {},
  }
  const checked = check(plan, facts)
  const {measurements} = told
  const latency = measurements.distribution('delivery_latency', {phase: phase.name})
  const total = (name: string): number => measurements.total(name, {phase: phase.name})
  return {
    name: phase.name,
    rate,
    p50: latency.percentile(50) ?? null,
    p99: latency.percentile(99) ?? null,
    published: total('messages_published'),
    expected: total('deliveries_expected'),
    lost: total('messages_lost'),
    ...judgeLevel(rulesAt(plan, rate), checked, phase),
  }
}

/** They are looked at when all is over. */
const noStores = {archive: undefined, partitions: undefined, weighable: false} as const

/** What the plan asks of the whole rate is asked of this one in proportion; what the user typed stays as it is. */
function rulesAt(
  {transport, layout, guarantees, rate: most, levelThresholds = []}: MsgThroughputPlan,
  rate: PerSecond,
): string[] {
  const of = (asked: PerSecond): string[] =>
    promisesOf({transport, fanout: layout.fanout, ...noStores, rate: asked}, guarantees).map((rule) =>
      formatThreshold(parseThreshold(rule)),
    )
  const [planned, scaled] = [of(most), of(rate)]
  return levelThresholds
    .filter((rule) => !/^(shard_|partition)/.test(rule))
    .map((rule) => {
      const index = planned.indexOf(formatThreshold(parseThreshold(rule)))
      return scaled[index] ?? rule
    })
}
