/** What --find-max makes of a flood: its users come level by level, and each level is held to what the whole flood would be; pure. */
import type {Ms} from '../../base/units.js'
import type {PlanFrame} from '../drill.js'
import {levelOf, searchOf, type LevelFrame, type Search} from './levels.js'

/** These count users of the whole run; a level has a rule of its own for the users that it opens. */
const OF_THE_WHOLE = /^(?:connections_established|users_unproven)\b/

interface FloodFrame extends PlanFrame, LevelFrame {
  readonly durationMs: Ms
}

export function asSearch<Plan extends FloodFrame>(plan: Plan): Plan & {readonly search: Search} {
  const search = searchOf(plan.roster, plan.durationMs)
  const levels = search.ascent.map((rooms) => levelOf(plan, rooms))
  return {
    ...plan,
    phases: ['ramp', ...levels.map(({name}) => name), 'drain'],
    search,
    thresholds: [`max_users >= ${levels[0]?.users ?? 1}`],
    levelThresholds: plan.thresholds.filter((threshold) => !OF_THE_WHOLE.test(threshold)),
  }
}
