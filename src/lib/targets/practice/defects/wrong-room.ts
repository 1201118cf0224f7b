/** Sends a share of the messages to one member of another room as well. */
import type {Share} from '../../../base/units.js'
import type {Member, Room} from '../members.js'
import type {Defect, DefectKit} from './defect.js'

export function wrongRoom(share: Share, {random, rooms}: DefectKit): Defect {
  /** Somebody on this node who is not in `room`. */
  function strangerTo(room: Room): Member | undefined {
    const others = [...rooms()].filter((other) => other !== room && other.members.size > 0)
    const other = others[random.below(Math.max(1, others.length))]
    return other && [...other.members].find((member) => !room.members.has(member))
  }

  return {
    broadcast: (delivery, deliver) => {
      if (random.next() >= share) return
      const stranger = strangerTo(delivery.room)
      if (stranger !== undefined) deliver(stranger, delivery)
    },
  }
}
