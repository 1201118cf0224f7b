/** A share of connections or messages, drawn once for each, so that a defect stays with those that it struck. */
import type {Share} from '../../../base/units.js'
import type {DefectKit} from './defect.js'

export function chosenOnes(share: Share, {random}: DefectKit): (one: object) => boolean {
  const drawn = new WeakMap<object, boolean>()
  return (one) => {
    const known = drawn.get(one) ?? random.next() < share
    drawn.set(one, known)
    return known
  }
}
