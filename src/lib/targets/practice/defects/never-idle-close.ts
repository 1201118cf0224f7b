/** Never closes a share of the connections, however silent they are. */
import type {Share} from '../../../base/units.js'
import type {Defect, DefectKit} from './defect.js'
import {chosenOnes} from './chosen-ones.js'

export function neverIdleClose(share: Share, kit: DefectKit): Defect {
  const spared = chosenOnes(share, kit)
  return {lastSign: (next) => (member) => (spared(member) ? Infinity : next(member))}
}
