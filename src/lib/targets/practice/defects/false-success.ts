/** A share of the messages that come while Postgres is away is acked, though it is neither stored nor brought to anybody. */
import type {Share} from '../../../base/units.js'
import {chosenOnes} from './chosen-ones.js'
import type {Defect, DefectKit} from './defect.js'

export function falseSuccess(share: Share, kit: DefectKit): Defect {
  return {acksUnstored: chosenOnes(share, kit)}
}
