/** Closes a share of the connections each second, as a node with a bug would: code 1011. */
import type {Share} from '../../../base/units.js'
import type {Defect, DefectKit} from './defect.js'

const INTERNAL_ERROR = 1011
const TICKS_PER_SECOND = 4

export function closeConnections(sharePerSecond: Share, {random, members}: DefectKit): Defect {
  const share = 1 - (1 - sharePerSecond) ** (1 / TICKS_PER_SECOND)
  const timer = setInterval(() => {
    for (const member of members()) {
      if (random.next() < share) member.close(INTERNAL_ERROR, 'internal error')
    }
  }, 1000 / TICKS_PER_SECOND)
  return {end: () => clearInterval(timer)}
}
