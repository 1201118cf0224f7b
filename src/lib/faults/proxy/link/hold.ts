/** A stage that holds what comes, in order, and lets each piece go when it is due; the toxics of time differ only in their pace. */
import type {Ms} from '../../../base/units.js'
import {Alarm, DUE_NOW} from './alarm.js'
import type {End, Sink, StageKit} from './stage.js'

/** What is next to go: bytes, or the end, which has none. */
export interface Piece {
  readonly at: Ms
  readonly bytes: number
}

/** When something of a piece goes, and how many bytes of it. */
export interface Turn {
  readonly due: Ms
  readonly take: number
}

/** Asked once for each turn; `last` is when the turn before was due, or when the pace changed since. */
export type Pace = (piece: Piece, last: Ms) => Turn

interface Held {
  readonly at: Ms
  readonly what: Buffer | End
}

/** Turns in one go, before other connections get theirs. */
const TURNS_AT_ONCE = 512
/** From so many emptied places on the queue is moved up. */
const EMPTIED = 1024

export class Hold implements Sink {
  readonly #kit: StageKit
  readonly #pace: Pace
  readonly #alarm: Alarm
  #queue: Held[] = []
  #first = 0
  #turn: Turn | undefined
  #last: Ms = -Infinity
  #bytes = 0

  constructor(kit: StageKit, pace: Pace) {
    this.#kit = kit
    this.#pace = pace
    this.#alarm = new Alarm(kit.now, () => this.#run())
  }

  /** How much is held. */
  get bytes(): number {
    return this.#bytes
  }

  data(chunk: Buffer): void {
    this.#bytes += chunk.length
    this.#take(chunk)
  }

  end(how: End): void {
    this.#take(how)
  }

  /** The pace has changed: from now on the new one holds, for what is held too. */
  retime(): void {
    this.#turn = undefined
    this.#last = Math.max(this.#last, this.#kit.now())
    this.#run()
  }

  /** Everything goes on at once. */
  leave(): void {
    const rest = this.#queue.slice(this.#first)
    this.stop()
    for (const {what} of rest) this.#pass(what)
    this.#kit.eased()
  }

  stop(): void {
    this.#alarm.clear()
    this.#queue = []
    this.#first = 0
    this.#bytes = 0
    this.#turn = undefined
  }

  #take(what: Buffer | End): void {
    this.#queue.push({at: this.#kit.now(), what})
    if (this.#queue.length - this.#first === 1) this.#run()
  }

  /** Lets go of all that is due; the kit's `next` may stop this stage meanwhile, which empties the queue. */
  #run(): void {
    const now = this.#kit.now()
    let turns = 0
    for (let head = this.#queue[this.#first]; head !== undefined; head = this.#queue[this.#first]) {
      const turn = (this.#turn ??= this.#pace({at: head.at, bytes: sizeOf(head.what)}, this.#last))
      if (turn.due - now > DUE_NOW || ++turns > TURNS_AT_ONCE) {
        this.#alarm.set(turn.due)
        break
      }
      this.#turn = undefined
      this.#last = turn.due
      this.#release(head, turn.take)
    }
    this.#kit.eased()
  }

  #release({at, what}: Held, take: number): void {
    const size = sizeOf(what)
    if (typeof what !== 'string' && take < size) {
      this.#queue[this.#first] = {at, what: what.subarray(take)}
      this.#bytes -= take
      this.#pass(what.subarray(0, take))
      return
    }
    this.#bytes -= size
    this.#shift()
    this.#pass(what)
  }

  /** Array.shift would move a long queue at every piece. */
  #shift(): void {
    this.#first++
    if (this.#first < EMPTIED) return
    this.#queue = this.#queue.slice(this.#first)
    this.#first = 0
  }

  #pass(what: Buffer | End): void {
    if (typeof what === 'string') this.#kit.next.end(what)
    else this.#kit.next.data(what)
  }
}

function sizeOf(what: Buffer | End): number {
  return typeof what === 'string' ? 0 : what.length
}
