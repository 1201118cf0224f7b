/** Above a rate, a share of the messages is acked and stored, but never pushed to anybody. */
import type {Ms, PerSecond, Share} from '../../../base/units.js'
import type {Defect, DefectKit} from './defect.js'

/** What a node publishes a second when it begins to lose. */
const LOAD: PerSecond = 200
const WINDOW_MS: Ms = 250

export function loseUnderLoad(share: Share, {random, clock}: DefectKit): Defect {
  let [began, count] = [clock.now(), 0]
  let loaded = false

  function measure(more: number): void {
    const now = clock.now()
    count += more
    if (now - began < WINDOW_MS) return
    loaded = (1000 * count) / (now - began) > LOAD
    ;[began, count] = [now, 0]
  }

  return {
    sending:
      (next, {acknowledge}) =>
      (batch) => {
        measure(batch.length)
        const sent = batch.filter((stored) => {
          const lost = loaded && random.next() < share
          if (lost) acknowledge(stored)
          return !lost
        })
        next(sent)
      },
  }
}
