/** The archiver passes over every so many-th batch of each shard, and never comes back to it. */
import type {Defect, DefectKit} from './defect.js'

export function archiveSkipsBatch(every: number, {random, upkeeps}: DefectKit): Defect {
  for (const upkeep of upkeeps()) {
    let batch = random.below(every)
    upkeep.skips = () => ++batch % every === 0
  }
  return {
    end() {
      for (const upkeep of upkeeps()) upkeep.skips = undefined
    },
  }
}
