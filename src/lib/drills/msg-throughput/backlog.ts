/** Reads off how many deliveries are under way, four times a second. */
import type {Ms} from '../../base/units.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import type {DeliveryBook} from './delivery-book.js'

const READ_EVERY: Ms = 250

export class Backlog {
  readonly #gauge

  constructor(
    private readonly book: DeliveryBook,
    private readonly kit: WorkerKit,
  ) {
    this.#gauge = kit.tally.gauge('backlog')
  }

  /** Until it is disposed of. */
  watch(): Disposable {
    const {clock, timeline} = this.kit
    const timer = setInterval(() => this.#gauge.set(timeline.at(clock.now()), this.book.awaited), READ_EVERY)
    return {[Symbol.dispose]: () => clearInterval(timer)}
  }
}
