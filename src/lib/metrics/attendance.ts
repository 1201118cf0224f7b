/** Who is in a room and since which message, who left it for good, and about whom something is proven. */
import {Bits} from './bits.js'

/** The next sequence of each publisher at some moment. */
export type Marks = ReadonlyMap<number, number>

export class Attendance {
  readonly #present: Bits
  readonly #entered: Bits
  readonly #departed: Bits
  readonly #proven: Bits
  /** Of members that came in late or again, when they did. */
  readonly #joinedAt = new Map<number, Marks>()

  constructor(members: number) {
    this.#present = new Bits(members)
    this.#entered = new Bits(members)
    this.#departed = new Bits(members)
    this.#proven = new Bits(members)
  }

  /** What was sent before the marks was not due to the member; none where nothing was sent yet. */
  enter(member: number, marks: Marks | undefined): void {
    this.#present.add(member)
    this.#entered.add(member)
    this.#departed.remove(member)
    if (marks) this.#joinedAt.set(member, marks)
  }

  lose(member: number): void {
    this.#present.remove(member)
  }

  depart(member: number): void {
    this.#departed.add(member)
  }

  has(member: number): boolean {
    return this.#present.has(member)
  }

  /** It left of its own will, and has not come back. */
  hasDeparted(member: number): boolean {
    return this.#departed.has(member)
  }

  /** It is not here, or was not when the message was sent. */
  wasAway(member: number, publisher: number, sequence: number): boolean {
    return !this.#present.has(member) || sequence < (this.#joinedAt.get(member)?.get(publisher) ?? 0)
  }

  /** A set of its own of those that are here. */
  present(): Bits {
    return this.#present.copy()
  }

  /** A message that was due to the member came, or certainly did not. */
  prove(member: number): void {
    this.#proven.add(member)
  }

  /** Whoever was here at any time, and was never due anything. */
  unproven(): readonly number[] {
    return [...this.#entered].filter((member) => !this.#proven.has(member))
  }
}
