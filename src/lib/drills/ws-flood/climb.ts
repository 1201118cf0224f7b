/** Drives a search: level by level more users, each level judged before the next is chosen. */
import {formatCount, formatRate} from '../../base/format-units.js'
import type {Ms} from '../../base/units.js'
import {NOTICE, type Crew} from '../../load/crew.js'
import {noting} from '../../load/noting.js'
import type {Kit} from '../drill.js'
import {judgeUsers} from './judge-level.js'
import type {LevelResult} from './level-result.js'
import {levelOf, nextRooms, type Level, type Search} from './levels.js'
import type {WsFloodPlan} from './plan.js'
import type {WsFloodSteps} from './worker.js'

/** What a level's newcomers stir up has this long to die down before anyone speaks. */
const SETTLING: Ms = 1000

export interface Climb {
  readonly levels: readonly LevelResult[]
  /** Time spent opening users, of all levels together. */
  readonly openingMs: Ms
}

interface Scene {
  readonly plan: WsFloodPlan
  readonly search: Search
  readonly kit: Kit
  readonly crew: Crew<WsFloodSteps>
  readonly startedAtMs: Ms
}

/** A level that was cut short by an interrupt is not judged. */
export async function climb(scene: Scene): Promise<Climb> {
  const {plan, search, kit} = scene
  const levels: LevelResult[] = []
  let openingMs = 0
  scene.crew.begin('ramp', kit.clock.now())
  for (let rooms = nextRooms(search, levels); rooms !== undefined; rooms = nextRooms(search, levels)) {
    const level = levelOf(plan, rooms)
    openingMs += await open(scene, level)
    await kit.clock.sleep(SETTLING, kit.signal)
    const result = kit.signal.aborted ? undefined : await tryLevel(scene, level)
    if (!result) break
    levels.push(result)
  }
  return {levels: levels.sort((one, other) => one.users - other.users), openingMs}
}

/** Yields how long it took. */
async function open({kit, crew}: Scene, {rooms, users, name}: Level): Promise<Ms> {
  const startAtMs = kit.clock.now() + NOTICE
  await noting(kit, crew.step('resize', {rooms, startAtMs}), () => ({
    phase: name,
    text: `going to ${formatCount(users)} users`,
  }))
  return kit.clock.now() - startAtMs
}

/** Undefined when it was cut short. */
async function tryLevel(scene: Scene, level: Level): Promise<LevelResult | undefined> {
  const startMs = await speak(scene, level)
  return scene.kit.signal.aborted ? undefined : await conclude(scene, level, startMs)
}

/** Yields when it began. */
async function speak({kit, crew, search}: Scene, level: Level): Promise<Ms> {
  const {rooms, messageRate: rate} = level
  const startAtMs = kit.clock.now() + NOTICE
  crew.begin(level.name, startAtMs)
  const note = () => ({
    phase: level.name,
    text: `${formatCount(level.users)} users, ${formatRate(rate)}`,
    done: (kit.clock.now() - startAtMs) / search.stepMs,
  })
  await noting(kit, crew.step('speak', {rooms, rate, durationMs: search.stepMs, startAtMs}), note)
  crew.begin('ramp', kit.clock.now())
  return startAtMs
}

async function conclude({plan, kit, crew, startedAtMs}: Scene, level: Level, startMs: Ms): Promise<LevelResult> {
  const endMs = kit.clock.now()
  const present = (await crew.step('conclude', null)).reduce((sum, users) => sum + users, 0)
  const {measurements, deaths} = crew
  const phase = {name: level.name, startMs: startMs - startedAtMs, endMs: endMs - startedAtMs}
  const generator = crew.health([phase], startedAtMs)
  const figures = {connectRate: 0, rssPerConnection: {afterRamp: 0, atEnd: 0}, series: {}, evidence: {}}
  const result = judgeUsers(plan, {
    level,
    phase,
    present,
    facts: {...figures, startedAtMs, faults: [], measurements, deaths, generator, phases: [phase], levels: []},
  })
  kit.note({phase: level.name, text: `${formatCount(level.users)} users ${result.outcome}`})
  return result
}
