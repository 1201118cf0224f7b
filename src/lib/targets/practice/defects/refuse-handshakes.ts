/** Answers a share of the handshakes with 503. */
import type {Share} from '../../../base/units.js'
import type {Defect, DefectKit} from './defect.js'

export function refuseHandshakes(share: Share, {random}: DefectKit): Defect {
  return {refusesHandshake: () => random.next() < share}
}
