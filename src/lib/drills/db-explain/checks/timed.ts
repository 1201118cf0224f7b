/** Work that tells how long it took. */
import type {Clock} from '../../../base/clock.js'
import type {Ms} from '../../../base/units.js'

export function timed(clock: Clock, work: () => Promise<unknown>): () => Promise<Ms> {
  return async () => {
    const from = clock.now()
    await work()
    return clock.now() - from
  }
}
