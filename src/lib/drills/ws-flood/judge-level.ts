/** Judges one level of a search by the thresholds of the plan, on what was due in that level; pure. */
import type {Metric, Phase} from '../../metrics/metric.js'
import {judgeLevel} from '../../verdict/level.js'
import {check} from './check.js'
import type {WsFloodFacts} from './facts.js'
import type {LevelResult} from './level-result.js'
import type {Level} from './levels.js'
import {wsFloodMetrics} from './metrics.js'
import type {WsFloodPlan} from './plan.js'

export interface LevelEvidence {
  readonly level: Level
  /** The stretch in which it spoke. */
  readonly phase: Phase
  readonly present: number
  /** With the generator's health in this level alone. */
  readonly facts: WsFloodFacts
}

/** Beside the thresholds, all users that it opened must be there. */
export function judgeUsers(plan: WsFloodPlan, {level, phase, present, facts}: LevelEvidence): LevelResult {
  const checked = check(plan, facts)
  const metrics = {...checked.metrics, connections_established: established(level, present)}
  const rules = [`connections_established >= ${level.users}`, ...(plan.levelThresholds ?? [])]
  const {measurements} = facts
  const latency = measurements.distribution('delivery_latency', {phase: level.name})
  const total = (name: keyof typeof wsFloodMetrics): number => measurements.total(name, {phase: level.name})
  return {
    name: level.name,
    users: level.users,
    rooms: level.rooms,
    present,
    p50: latency.percentile(50) ?? null,
    p99: latency.percentile(99) ?? null,
    max: latency.max ?? null,
    published: total('messages_published'),
    expected: total('deliveries_expected'),
    lost: total('messages_lost'),
    duplicated: total('messages_duplicated'),
    reordered: total('messages_reordered'),
    unexpected: total('messages_unexpected'),
    disconnects: total('unexpected_disconnects'),
    ...judgeLevel(rules, {metrics, doubts: checked.doubts}, phase),
  }
}

function established({name, users}: Level, present: number): Metric {
  const slices = [{phase: name, tags: {}, value: present, exposure: users}]
  return {type: 'counter', definition: wsFloodMetrics.connections_established, slices}
}
