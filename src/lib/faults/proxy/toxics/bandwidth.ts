/** No more than `rate` KB (of 1000 bytes) a second for each connection and direction; 0 stalls it and leaves it open. */
import {Hold} from '../link/hold.js'
import type {ToxicKind} from '../link/stage.js'

/** A longer piece is cut, so that bytes trickle and do not come in lumps. */
const SLICE_MS = 20
/** What is held must outlast the pauses between timers, or the rate is not reached; the source waits beyond it. */
const ROOM_MS = 50
const LEAST_ROOM = 64 * 1024

export const bandwidth: ToxicKind = {
  attributes: ['rate'],
  make(attributes, kit) {
    // KB a second are bytes a millisecond.
    let {rate = 0} = attributes
    const hold = new Hold(kit, ({at, bytes}, last) => {
      const take = Math.min(bytes, Math.max(1, Math.floor(rate * SLICE_MS)))
      return {due: Math.max(at, last) + (take === 0 ? 0 : take / rate), take}
    })
    return {
      data: (chunk) => hold.data(chunk),
      end: (how) => hold.end(how),
      get crowded() {
        return hold.bytes > Math.max(LEAST_ROOM, rate * ROOM_MS)
      },
      update(values) {
        ;({rate = 0} = values)
        hold.retime()
      },
      leave: () => hold.leave(),
      stop: () => hold.stop(),
    }
  },
}
