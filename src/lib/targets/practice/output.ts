/** The one way out to members: frames of one turn of the event loop leave together, under load those of some milliseconds; slow receivers are cut off. */
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import type {Counts} from './counts.js'
import {MAX_UNSENT_BYTES} from './limits.js'
import type {Member} from './members.js'

export type Send = (member: Member, frame: Buffer) => void

const TRY_AGAIN_LATER = 1013
/** Who has this much unsent is waited for before much more comes at once; but not for long. */
const BEHIND_BYTES = MAX_UNSENT_BYTES / 2
const [LOOK_MS, PATIENCE_MS]: [Ms, Ms] = [5, 200]
/** Time between two flushes when one follows the other: a system call for each member costs more than all else. */
const FLUSH_EVERY_MS: Ms = 5

export class Output {
  /** Sends an encoded frame; the same buffer may go to any number of members. A defect may put its own in place. */
  send: Send
  #corked: Member[] = []
  readonly #behind = new Set<Member>()
  #flushedAt: Ms = -Infinity
  readonly #flush = (): void => this.#uncork()

  constructor(private readonly counts: Counts) {
    this.send = this.direct
  }

  /** What `send` is as long as nothing is wrong with the node. */
  readonly direct: Send = (member, frame) => {
    if (!member.isOpen()) return
    const {socket} = member
    if (socket.writableLength > BEHIND_BYTES) {
      if (socket.writableLength > MAX_UNSENT_BYTES) return this.#cutOff(member)
      this.#behind.add(member)
    }
    if (socket.writableCorked === 0) {
      socket.cork()
      if (this.#corked.push(member) === 1) this.#flushSoon()
    }
    socket.write(frame)
  }

  /** Resolves when nobody has much unsent, or after a fifth of a second. */
  async drained(clock: Clock): Promise<void> {
    const until = clock.now() + PATIENCE_MS
    for (const member of this.#behind) {
      while (member.isOpen() && member.socket.writableLength > BEHIND_BYTES && clock.now() < until) {
        await clock.sleep(LOOK_MS)
      }
    }
    this.#behind.clear()
  }

  #flushSoon(): void {
    const early = this.#flushedAt + FLUSH_EVERY_MS - performance.now()
    if (early > 1) setTimeout(this.#flush, early)
    else process.nextTick(this.#flush)
  }

  #uncork(): void {
    this.#flushedAt = performance.now()
    const corked = this.#corked
    this.#corked = []
    for (const member of corked) member.socket.uncork()
  }

  #cutOff(member: Member): void {
    this.counts.slowConsumersClosed++
    member.close(TRY_AGAIN_LATER, 'reads too slowly')
  }
}
