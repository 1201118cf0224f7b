/** Takes a share of the connections for idle although messages are delivered to them: only what they send counts. */
import type {Share} from '../../../base/units.js'
import type {Defect, DefectKit} from './defect.js'
import {chosenOnes} from './chosen-ones.js'

export function closeReceivers(share: Share, kit: DefectKit): Defect {
  const chosen = chosenOnes(share, kit)
  return {lastSign: (next) => (member) => (chosen(member) ? member.heardAt : next(member))}
}
