/** Judges one level of a search by the thresholds of the plan, on what was due in that level; pure. */
import type {Metric, Phase} from '../../metrics/metric.js'
import type {Checked, Doubt, Finding} from '../../verdict/finding.js'
import {judge} from '../../verdict/judge.js'
import {parseThreshold} from '../../verdict/threshold-parser.js'
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

/**
 * It held when no threshold was broken. A percentile is taken as it was estimated, because a level is too short to prove its bound; what was
 * not tried at all is broken.
 */
export function judgeLevel(plan: WsFloodPlan, {level, phase, present, facts}: LevelEvidence): LevelResult {
  const checked = check(plan, facts)
  const metrics = {...checked.metrics, connections_established: established(level, present)}
  const rules = [`connections_established >= ${level.users}`, ...(plan.levelThresholds ?? [])]
  const thresholds = rules.map((rule) => ({...parseThreshold(rule), phase: level.name}))
  const findings = judge(thresholds, {metrics, doubts: checked.doubts}, [phase])
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
    ...outcomeOf(findings, checked),
  }
}

function established({name, users}: Level, present: number): Metric {
  const slices = [{phase: name, tags: {}, value: present, exposure: users}]
  return {type: 'counter', definition: wsFloodMetrics.connections_established, slices}
}

function outcomeOf(findings: readonly Finding[], {doubts}: Checked): Pick<LevelResult, 'outcome' | 'why'> {
  const amiss = findings.filter((finding) => !finding.warn && !holds(finding, doubts))
  if (amiss.length === 0) return {outcome: 'held', why: ''}
  if (doubts.length > 0) return {outcome: 'strained', why: doubts.map(({why}) => why).join('; ')}
  return {outcome: 'broke', why: amiss.map(reasonOf).join('; ')}
}

/** What could not be decided for want of samples is taken at its word, as long as there was something to see. */
function holds({verdict, observed, exposure}: Finding, doubts: readonly Doubt[]): boolean {
  if (verdict === 'pass') return true
  return verdict === 'inconclusive' && doubts.length === 0 && observed !== undefined && exposure !== 0
}

function reasonOf({threshold, why}: Finding): string {
  return `${threshold.replace(/ during \S+$/, '')} (${why ?? ''})`
}
