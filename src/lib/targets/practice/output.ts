/** The one way out to members: frames of one turn of the event loop leave together, and slow receivers are cut off. */
import type {Counts} from './counts.js'
import {MAX_UNSENT_BYTES} from './limits.js'
import type {Member} from './members.js'

export type Send = (member: Member, frame: Buffer) => void

const TRY_AGAIN_LATER = 1013

export class Output {
  /** Sends an encoded frame; the same buffer may go to any number of members. A defect may put its own in place. */
  send: Send
  #corked: Member[] = []
  readonly #flush = (): void => this.#uncork()

  constructor(private readonly counts: Counts) {
    this.send = this.direct
  }

  /** What `send` is as long as nothing is wrong with the node. */
  readonly direct: Send = (member, frame) => {
    if (!member.isOpen()) return
    const {socket} = member
    if (socket.writableLength > MAX_UNSENT_BYTES) return this.#cutOff(member)
    if (socket.writableCorked === 0) {
      socket.cork()
      if (this.#corked.push(member) === 1) process.nextTick(this.#flush)
    }
    socket.write(frame)
  }

  #uncork(): void {
    const corked = this.#corked
    this.#corked = []
    for (const member of corked) member.socket.uncork()
  }

  #cutOff(member: Member): void {
    this.counts.slowConsumersClosed++
    member.close(TRY_AGAIN_LATER, 'reads too slowly')
  }
}
