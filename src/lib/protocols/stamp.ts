/** The mark that every message of ours carries in its text: who sent it, which one it is, and when it was due. */
import type {Ms} from '../base/units.js'

/**
 *   PLD k3x9a0zz 0001a 00002 000f4c8z
 *   |   run (8)  |     |     due: µs since the run's start (8)
 *   |            |     sequence of this publisher (5)
 *   mark         publisher (5)
 *
 * Digits are base 36, [0-9a-z], and there is no separator, so that no encoding (JSON, URL, XML, MessagePack text) escapes
 * or splits it, and a receiver finds it in any frame by a search for mark and run. Stamps of other runs are not found.
 */
const MARK = 'PLD'
const RADIX = 36
const WIDTHS = {publisher: 5, sequence: 5, due: 8} as const
const RUN_LENGTH = 8
const HEAD = MARK.length + RUN_LENGTH
const SEQUENCE_AT = HEAD + WIDTHS.publisher
const DUE_AT = SEQUENCE_AT + WIDTHS.sequence

/** Characters of a stamp; a payload cannot be smaller. */
export const STAMP_LENGTH = DUE_AT + WIDTHS.due

/** Largest number of publishers, and of messages of one publisher. */
export const STAMP_CAPACITY = RADIX ** WIDTHS.publisher

/** `due` in ms since the run's start. Throws a RangeError when a number does not fit. */
export function writeStamp(run: string, publisher: number, sequence: number, due: Ms): string {
  const microseconds = Math.max(0, Math.round(due * 1000))
  return (
    MARK +
    run +
    digits(publisher, WIDTHS.publisher) +
    digits(sequence, WIDTHS.sequence) +
    digits(microseconds, WIDTHS.due)
  )
}

/** Told what was found; `due` in ms since the run's start. A stamp that is cut short or has other characters in it is `broken`. */
export interface StampListener {
  stamp(publisher: number, sequence: number, due: Ms): void
  broken(): void
}

export class StampReader {
  readonly #head: Buffer

  constructor(run: string) {
    if (run.length !== RUN_LENGTH) throw new RangeError(`a run id has ${RUN_LENGTH} characters, not '${run}'`)
    this.#head = Buffer.from(MARK + run, 'latin1')
  }

  /** Finds every stamp in a frame, without parsing the frame; returns how many marks there were. */
  read(frame: Buffer, listener: StampListener): number {
    let found = 0
    for (let at = frame.indexOf(this.#head); at >= 0; at = frame.indexOf(this.#head, at + HEAD)) {
      found++
      const publisher = numberAt(frame, at + HEAD, WIDTHS.publisher)
      const sequence = numberAt(frame, at + SEQUENCE_AT, WIDTHS.sequence)
      const due = numberAt(frame, at + DUE_AT, WIDTHS.due)
      if (publisher + sequence + due >= 0) listener.stamp(publisher, sequence, due / 1000)
      else listener.broken()
    }
    return found
  }
}

function digits(value: number, width: number): string {
  const text = value.toString(RADIX)
  if (text.length > width || value < 0) throw new RangeError(`${value} does not fit into ${width} digits of a stamp`)
  return text.padStart(width, '0')
}

/** NaN when a character is no digit or the frame ends. */
function numberAt(frame: Buffer, at: number, width: number): number {
  let value = 0
  for (let index = at; index < at + width; index++) value = value * RADIX + digitOf(frame[index] ?? 0)
  return value
}

function digitOf(character: number): number {
  if (character >= 48 && character <= 57) return character - 48
  if (character >= 97 && character <= 122) return character - 87
  return NaN
}
