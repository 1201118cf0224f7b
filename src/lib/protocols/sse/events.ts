/** Cuts an event stream into its events (https://html.spec.whatwg.org/multipage/server-sent-events.html), whatever the borders of its chunks. */
import type {Bytes} from '../../base/units.js'

/** An event ends with an empty line, in any of three spellings. */
const ENDS = ['\n\n', '\r\n\r\n', '\r\r'].map((text) => Buffer.from(text))
const LONGEST_END = 4
const ID = Buffer.from('id:')
const DATA = Buffer.from('data')
const LINE_ENDS = new Set([0x0a, 0x0d])

export class EventCutter {
  readonly #atMost: Bytes
  #tail: Buffer | undefined

  constructor(atMost: Bytes) {
    this.#atMost = atMost
  }

  /** Hands over every event that is complete by now; false when what is not has grown too large. */
  cut(chunk: Buffer, take: (event: Buffer) => void): boolean {
    const stream = this.#tail ? Buffer.concat([this.#tail, chunk]) : chunk
    // What was searched before is not searched again, but for an end that the border cut in two.
    const from = Math.max(0, (this.#tail?.length ?? 0) - LONGEST_END)
    let start = 0
    for (let end = endIn(stream, from); end; end = endIn(stream, start)) {
      if (end.at > start) take(stream.subarray(start, end.at))
      start = end.at + end.length
    }
    const left = stream.length - start
    // A copy, because a slice would keep the whole chunk in memory for each of 50,000 connections.
    this.#tail = left > 0 ? Buffer.from(stream.subarray(start)) : undefined
    return left <= this.#atMost
  }

  /** Whether an event was begun and not ended. */
  get isHalfway(): boolean {
    return this.#tail !== undefined
  }
}

function endIn(stream: Buffer, from: number): {at: number; length: number} | undefined {
  let first: {at: number; length: number} | undefined
  for (const end of ENDS) {
    const at = stream.indexOf(end, from)
    if (at >= 0 && (!first || at < first.at)) first = {at, length: end.length}
  }
  return first
}

/** Value of the event's last `id` line; undefined when it has none. */
export function idOf(event: Buffer): string | undefined {
  let found: string | undefined
  for (let at = event.indexOf(ID); at >= 0; at = event.indexOf(ID, at + ID.length)) {
    if (at > 0 && !LINE_ENDS.has(event[at - 1] ?? 0)) continue
    let end = at
    while (end < event.length && !LINE_ENDS.has(event[end] ?? 0)) end++
    found = event
      .subarray(at + ID.length, end)
      .toString()
      .replace(/^ /, '')
  }
  return found
}

/** Comments alone, which servers send to keep a stream open, carry nothing. */
export function carriesData(event: Buffer): boolean {
  return event.includes(DATA)
}
