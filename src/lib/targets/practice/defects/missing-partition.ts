/** The partitions run out after a while, and no more are made: what comes then is refused by Postgres. */
import type {Ms} from '../../../base/units.js'
import type {Defect, DefectKit} from './defect.js'

export function missingPartition(after: Ms, {upkeeps, clock}: DefectKit): Defect {
  const moment = Math.round(clock.date().getTime() + after)
  for (const upkeep of upkeeps()) upkeep.runsOutAt = moment
  return {
    end() {
      for (const upkeep of upkeeps()) upkeep.runsOutAt = undefined
    },
  }
}
