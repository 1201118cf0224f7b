/** Keeps a share of the closed connections in their rooms, where they take up seats. */
import type {Share} from '../../../base/units.js'
import type {Member} from '../members.js'
import type {Defect, DefectKit} from './defect.js'

export function zombieMember(share: Share, {random, forget}: DefectKit): Defect {
  const zombies = new Set<Member>()
  return {
    staysSeated(member) {
      const stays = random.next() < share
      if (stays) zombies.add(member)
      return stays
    },
    end() {
      for (const zombie of zombies) forget(zombie)
    },
  }
}
