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
      // One of the older half: whoever has only just come in may not know it yet, and would look like a newcomer.
      if (members.size > 0) [...members][random.below(Math.ceil(members.size / 2))]?.terminate()
      return false
    },
  }
}
