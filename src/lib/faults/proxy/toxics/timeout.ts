/** A black hole: nothing passes, the end neither. Closes after `timeout` ms without a byte, with 0 never; removing it closes too. */
import {Alarm} from '../link/alarm.js'
import type {ToxicKind} from '../link/stage.js'

export const timeout: ToxicKind = {
  attributes: ['timeout'],
  make(attributes, kit) {
    let {timeout: length = 0} = attributes
    const alarm = new Alarm(kit.now, () => kit.next.end('close'))
    const restart = () => alarm.set(length === 0 ? Infinity : kit.now() + length)
    restart()
    return {
      data(chunk) {
        kit.dropped(chunk.length)
        restart()
      },
      end: () => undefined,
      crowded: false,
      update(values) {
        ;({timeout: length = 0} = values)
        restart()
      },
      // Bytes are missing by now: the rest of the stream would make no sense to anyone.
      leave() {
        alarm.clear()
        kit.next.end('close')
      },
      stop: () => alarm.clear(),
    }
  },
}
