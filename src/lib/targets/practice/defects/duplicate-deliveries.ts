/** Sends a share of the deliveries twice. */
import type {Share} from '../../../base/units.js'
import type {Defect, DefectKit} from './defect.js'

export function duplicateDeliveries(share: Share, {random}: DefectKit): Defect {
  return {
    deliver: (next) => (member, delivery) => {
      next(member, delivery)
      if (random.next() < share) next(member, delivery)
    },
  }
}
