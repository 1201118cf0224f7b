/** Keeps the cap of a room, but rudely: a member pays for it, or the newcomer's socket is cut without a word. */
import type {Defect, DefectKit} from './defect.js'

export type Manner = 'kill' | 'drop'

export function ungracefulCap(manner: Manner, {random}: DefectKit): Defect {
  if (manner === 'drop') {
    return {
      whenFull(_, newcomer) {
        newcomer.terminate()
        return false
      },
    }
  }
  return {
    whenFull({members}) {
      if (members.size > 0) [...members][random.below(members.size)]?.terminate()
      return false
    },
  }
}
