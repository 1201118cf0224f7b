/** Bytes pass; only the end of a direction comes `delay` ms late. */
import {Hold} from '../link/hold.js'
import type {ToxicKind} from '../link/stage.js'

export const slowClose: ToxicKind = {
  attributes: ['delay'],
  make(attributes, kit) {
    let {delay = 0} = attributes
    const hold = new Hold(kit, ({at, bytes}) => ({due: bytes > 0 ? at : at + delay, take: bytes}))
    return {
      data: (chunk) => hold.data(chunk),
      end: (how) => hold.end(how),
      crowded: false,
      update(values) {
        ;({delay = 0} = values)
        hold.retime()
      },
      leave: () => hold.leave(),
      stop: () => hold.stop(),
    }
  },
}
