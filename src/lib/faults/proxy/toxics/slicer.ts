/** Cuts bytes into pieces of `average_size`, more or less by up to `size_variation`, and rests `delay` µs after each. */
import {Hold} from '../link/hold.js'
import type {ToxicKind} from '../link/stage.js'
import type {Attributes} from '../toxic.js'

const ROOM = 64 * 1024

/**
 * Toxiproxy halves a chunk until a piece is small enough, so that most pieces are well below the average; here each piece is drawn
 * evenly from average ± variation, and only the last of a chunk may be smaller. An average of 0 cuts nothing.
 */
export const slicer: ToxicKind = {
  attributes: ['average_size', 'size_variation', 'delay'],
  make(attributes, kit) {
    let cut = cutOf(attributes)
    const hold = new Hold(kit, ({at, bytes}, last) => ({
      due: Math.max(at, last + cut.delayMs),
      take: Math.min(bytes, pieceOf(cut, kit.random.next())),
    }))
    return {
      data: (chunk) => hold.data(chunk),
      end: (how) => hold.end(how),
      get crowded() {
        return hold.bytes > ROOM
      },
      update(values) {
        cut = cutOf(values)
        hold.retime()
      },
      leave: () => hold.leave(),
      stop: () => hold.stop(),
    }
  },
}

interface Cut {
  readonly average: number
  readonly variation: number
  readonly delayMs: number
}

function cutOf({average_size = 0, size_variation = 0, delay = 0}: Attributes): Cut {
  return {average: average_size, variation: size_variation, delayMs: delay / 1000}
}

function pieceOf({average, variation}: Cut, drawn: number): number {
  if (average < 1) return Infinity
  return Math.max(1, average - variation + Math.floor(drawn * (2 * variation + 1)))
}
