/** Drops a share of the deliveries, each to one receiver. */
import type {Share} from '../../../base/units.js'
import type {Defect, DefectKit} from './defect.js'

export function loseDeliveries(share: Share, {random}: DefectKit): Defect {
  return {
    deliver: (next) => (member, delivery) => {
      if (random.next() >= share) next(member, delivery)
    },
  }
}
