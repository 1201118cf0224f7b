/** Swaps a share of the deliveries with the next one from the same sender in the same room to the same receiver. */
import type {Ms, Share} from '../../../base/units.js'
import type {Member, Room} from '../members.js'
import type {Defect, DefectKit, Deliver, Delivery} from './defect.js'

/** How long a delivery waits for its successor before it is sent in its right place after all; nothing is lost. */
const PATIENCE_MS = 1000
const SWEEP_MS = 100

interface Held {
  readonly sender: string
  readonly delivery: Delivery
  readonly until: Ms
}

export function reorderDeliveries(share: Share, {random, clock}: DefectKit): Defect {
  const held = new Map<Member, Map<Room, Held>>()
  let send: Deliver = () => undefined

  function release(due: Ms): void {
    for (const [member, rooms] of held) {
      for (const [room, {delivery, until}] of rooms) {
        if (until > due) continue
        rooms.delete(room)
        send(member, delivery)
      }
      if (rooms.size === 0) held.delete(member)
    }
  }

  function deliver(member: Member, delivery: Delivery): void {
    const rooms = held.get(member)
    const earlier = rooms?.get(delivery.room)
    if (earlier !== undefined) {
      send(member, delivery)
      if (earlier.sender !== senderOf(delivery)) return
      rooms?.delete(delivery.room)
      send(member, earlier.delivery)
    } else if (random.next() < share) {
      const waits = {sender: senderOf(delivery), delivery, until: clock.now() + PATIENCE_MS}
      if (rooms !== undefined) rooms.set(delivery.room, waits)
      else held.set(member, new Map([[delivery.room, waits]]))
    } else send(member, delivery)
  }

  const timer = setInterval(() => release(clock.now()), SWEEP_MS)
  return {
    deliver: (next) => {
      send = next
      return deliver
    },
    end: () => {
      clearInterval(timer)
      release(Infinity)
    },
  }
}

function senderOf({text}: Delivery): string {
  return (JSON.parse(text.toString()) as {from: string}).from
}
