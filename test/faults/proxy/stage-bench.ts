/** A toxic's stage on its own, under fake timers: what goes in, and what comes out when. */
import {vi} from 'vitest'
import {seededRandom} from '../../../src/lib/base/random.js'
import type {ToxicKind} from '../../../src/lib/faults/proxy/link/stage.js'
import type {Attributes} from '../../../src/lib/faults/proxy/toxic.js'

/** Call vi.useFakeTimers() before. */
export function bench(kind: ToxicKind, attributes: Attributes) {
  const out: string[] = []
  const counted = {dropped: 0}
  const start = performance.now()
  const at = (what: string) => out.push(`${Math.round(performance.now() - start)} ms: ${what}`)
  const stage = kind.make(attributes, {
    now: () => performance.now(),
    random: seededRandom('bench'),
    next: {data: (chunk) => at(chunk.toString()), end: (how) => at(how)},
    dropped: (bytes) => (counted.dropped += bytes),
    eased: () => undefined,
  })
  return {
    stage,
    out,
    counted,
    say: (text: string) => stage.data(Buffer.from(text)),
    pass: (length: number) => vi.advanceTimersByTime(length),
  }
}
