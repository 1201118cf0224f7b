/** Takes a share of the messages for not stored, though they are: tries again under another key, and so stores and pushes them twice. */
import type {Share} from '../../../base/units.js'
import type {Defect, DefectKit} from './defect.js'

export function duplicateOnRetry(share: Share, {random}: DefectKit): Defect {
  const retries = new WeakSet<object>()
  return {
    sending:
      (next, {store}) =>
      (batch) => {
        next(batch)
        for (const {message} of batch) {
          if (retries.has(message) || random.next() >= share) continue
          const again = {...message, acked: true}
          retries.add(again)
          store(again)
        }
      },
  }
}
