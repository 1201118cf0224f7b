/** Every byte, and the end too, arrives later: `latency` ms, more or less by up to `jitter` ms; the order is kept. */
import {Hold} from '../link/hold.js'
import type {ToxicKind} from '../link/stage.js'

/** As much as Toxiproxy holds for a direction (1024 chunks of 32 KiB); beyond it the source has to wait. */
const ROOM = 32 * 1024 * 1024

export const latency: ToxicKind = {
  attributes: ['latency', 'jitter'],
  make(attributes, kit) {
    let {latency = 0, jitter = 0} = attributes
    const hold = new Hold(kit, ({at, bytes}, last) => ({
      due: Math.max(last, at + latency + jitter * (2 * kit.random.next() - 1)),
      take: bytes,
    }))
    return {
      data: (chunk) => hold.data(chunk),
      end: (how) => hold.end(how),
      get crowded() {
        return hold.bytes > ROOM
      },
      update(values) {
        ;({latency = 0, jitter = 0} = values)
        hold.retime()
      },
      leave: () => hold.leave(),
      stop: () => hold.stop(),
    }
  },
}
