/** Passes exactly `bytes` bytes, then closes the connection; 0 closes it at the first byte. */
import type {ToxicKind} from '../link/stage.js'

export const limitData: ToxicKind = {
  attributes: ['bytes'],
  make(attributes, kit) {
    let {bytes: limit = 0} = attributes
    let passed = 0
    return {
      data(chunk) {
        const part = chunk.subarray(0, Math.max(0, limit - passed))
        passed += part.length
        if (part.length > 0) kit.next.data(part)
        if (part.length < chunk.length) kit.dropped(chunk.length - part.length)
        if (passed >= limit) kit.next.end('close')
      },
      end: (how) => kit.next.end(how),
      crowded: false,
      update(values) {
        ;({bytes: limit = 0} = values)
      },
      leave: () => undefined,
      stop: () => undefined,
    }
  },
}
