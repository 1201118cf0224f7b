/** A share of the connections, drawn once for each, so that a defect stays with those that it struck. */
import type {Share} from '../../../base/units.js'
import type {Member} from '../members.js'
import type {DefectKit} from './defect.js'

export function chosenOnes(share: Share, {random}: DefectKit): (member: Member) => boolean {
  const drawn = new WeakMap<Member, boolean>()
  return (member) => {
    const known = drawn.get(member) ?? random.next() < share
    drawn.set(member, known)
    return known
  }
}
