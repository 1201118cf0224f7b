/** Drives a search: rate after rate, each judged before the next is chosen. */
import {formatCount, formatRate} from '../../base/format-units.js'
import type {Ms, PerSecond} from '../../base/units.js'
import {NOTICE} from '../../load/crew.js'
import {noting} from '../../load/noting.js'
import type {Pace} from '../../pacing/pace.js'
import type {Kit} from '../drill.js'
import {GRACE} from './grace.js'
import type {ThroughputCrew} from './crew.js'
import {judgeRate} from './judge-level.js'
import type {MsgThroughputPlan} from './plan.js'
import {BETWEEN, nextRate, type RateLevel, type RateSearch} from './rate-levels.js'

interface Scene {
  readonly plan: MsgThroughputPlan
  readonly search: RateSearch
  readonly kit: Kit
  readonly crew: ThroughputCrew
  readonly startedAtMs: Ms
}

/** Ascending. A level that was cut short by an interrupt is not judged. */
export async function climb(scene: Scene): Promise<RateLevel[]> {
  const {search, kit} = scene
  const levels: RateLevel[] = []
  for (let rate = nextRate(search, levels); rate !== undefined; rate = nextRate(search, levels)) {
    const level = kit.signal.aborted ? undefined : await tryLevel(scene, rate)
    if (!level) break
    levels.push(level)
  }
  return levels.sort((one, other) => one.rate - other.rate)
}

/** Undefined when it was cut short. */
async function tryLevel(scene: Scene, rate: PerSecond): Promise<RateLevel | undefined> {
  const {plan, search, kit, crew, startedAtMs} = scene
  const {stepMs, settleMs} = search
  const name = `rate-${rate}`
  const beginMs = kit.clock.now() + NOTICE
  const startMs = beginMs + settleMs
  const endMs = startMs + stepMs
  crew.begin(BETWEEN, beginMs)
  crew.begin(name, startMs)
  const step = crew.step('load', {pace: paceOf(rate, search), startAtMs: beginMs, inTimeUntilMs: endMs + GRACE})
  await noting(kit, step, () => ({
    phase: name,
    text: `${formatRate(rate)}, ${formatCount(crew.measurements.total('messages_delivered', {phase: name}))} delivered`,
    done: (kit.clock.now() - beginMs) / (settleMs + stepMs),
  }))
  crew.begin(BETWEEN, Math.max(endMs, crew.timeline.newestMs))
  await noting(kit, crew.step('drain', null), () => ({phase: name, text: 'waiting for what is still on its way'}))
  await crew.step('conclude', null)
  if (kit.signal.aborted) return undefined
  const {measurements, deaths} = crew
  const phase = {name, startMs: startMs - startedAtMs, endMs: endMs - startedAtMs}
  const generator = crew.health([phase], startedAtMs)
  const series = measurements.series()
  const level = judgeRate(plan, {rate, phase, measurements, deaths, generator, series, startedAtMs})
  kit.note({phase: name, text: `${formatRate(rate)} ${level.outcome}`})
  return level
}

function paceOf(rate: PerSecond, {stepMs, settleMs}: RateSearch): Pace {
  return {
    kind: 'stages',
    startRate: 0,
    stages: [
      {lengthMs: settleMs, target: rate},
      {lengthMs: stepMs, target: rate},
    ],
  }
}
