/** Pushes no more than so many messages a second, however many are stored and acked: the rest waits, in order. */
import type {PerSecond} from '../../../base/units.js'
import type {Stored} from '../pending.js'
import type {Defect, DefectKit, Sending} from './defect.js'

const TICK_MS = 10

/** @param rate of all nodes together */
export function growingBacklog(rate: PerSecond, {clock, nodes}: DefectKit): Defect {
  let waiting: Stored[] = []
  let [credit, creditedAt] = [0, clock.now()]
  let send: Sending = () => undefined

  function release(): void {
    const now = clock.now()
    const gained = ((now - creditedAt) * rate) / nodes / 1000
    // What was not needed in time is not saved up, but for a part of a message.
    credit = Math.min(credit, 1) + gained
    creditedAt = now
    const due = waiting.splice(0, Math.floor(credit))
    credit -= due.length
    if (due.length > 0) send(due)
  }

  const timer = setInterval(release, TICK_MS)
  return {
    sending: (next, {acknowledge}) => {
      send = next
      return (batch) => {
        for (const stored of batch) {
          acknowledge(stored)
          waiting.push(stored)
        }
      }
    },
    end() {
      clearInterval(timer)
      send(waiting)
      waiting = []
    },
  }
}
