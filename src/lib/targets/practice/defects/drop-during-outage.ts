/** A share of the messages that an outage of Redis caught is acked and stored, but never brought to anybody. */
import type {Share} from '../../../base/units.js'
import {chosenOnes} from './chosen-ones.js'
import type {Defect, DefectKit} from './defect.js'

export function dropDuringOutage(share: Share, kit: DefectKit): Defect {
  return {dropsMissed: chosenOnes(share, kit)}
}
