/** Lets a share of the newcomers into a room that is full. */
import type {Share} from '../../../base/units.js'
import type {Defect, DefectKit} from './defect.js'

export function noRoomCap(share: Share, {random}: DefectKit): Defect {
  return {whenFull: () => random.next() < share}
}
