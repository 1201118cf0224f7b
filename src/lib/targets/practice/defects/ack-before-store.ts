/** Acks each message as soon as it comes, and stores it a little later: what is still to be stored is gone when the process ends. */
import type {Ms} from '../../../base/units.js'
import type {Pending} from '../pending.js'
import type {Defect} from './defect.js'

export function ackBeforeStore(delay: Ms): Defect {
  let waiting: Pending[] = []
  let timer: NodeJS.Timeout | undefined
  let store: (message: Pending) => void = () => undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const due = waiting
    waiting = []
    for (const message of due) store(message)
  }

  return {
    accepting: (next, {acknowledge}) => {
      store = next
      return (message) => {
        acknowledge({message, id: 0})
        waiting.push(message)
        timer ??= setTimeout(flush, delay)
      }
    },
    end: flush,
  }
}
