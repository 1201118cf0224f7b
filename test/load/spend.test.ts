import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {HostClock, LeapingClock} from '../../src/lib/base/clock.js'
import {spend} from '../../src/lib/load/spend.js'
import type {Arrival} from '../../src/lib/pacing/share.js'

interface Acted {
  readonly n: number
  readonly dueMs: number
  readonly atMs: number
}

function arrivalsAt(...offsets: number[]): Arrival[] {
  return offsets.map((due, n) => ({n, due}))
}

/** Spends on a clock that leaps to `untilMs`, and tells what was acted on and whether it is over. */
async function leapThrough(arrivals: Iterable<Arrival>, untilMs: number, startAtMs = 0) {
  const clock = new LeapingClock()
  const acted: Acted[] = []
  const act = (n: number, dueMs: number): unknown => acted.push({n, dueMs, atMs: clock.now()})
  const abort = new AbortController()
  let over = false
  const spent = spend(arrivals, {clock, signal: abort.signal, startAtMs, act}).then(() => (over = true))
  await clock.advance(untilMs)
  return {
    acted,
    over,
    end: async (): Promise<void> => {
      abort.abort()
      await spent
    },
  }
}

describe('spending a schedule', () => {
  it('acts on every arrival once, in order, exactly when it is due', async () => {
    const offsets = fc.array(fc.integer({min: 0, max: 3000}), {maxLength: 40})
    await fc.assert(
      fc.asyncProperty(offsets, fc.integer({min: 0, max: 500}), async (unsorted, startAtMs) => {
        const arrivals = arrivalsAt(...unsorted.sort((a, b) => a - b))
        const {acted, over} = await leapThrough(arrivals, 4000, startAtMs)
        expect(over).toBe(true)
        expect(acted).toEqual(arrivals.map(({n, due}) => ({n, dueMs: startAtMs + due, atMs: startAtMs + due})))
      }),
      {numRuns: 50},
    )
  })

  it('keeps the numbers that arrivals have', async () => {
    const {acted} = await leapThrough(
      [
        {n: 3, due: 0},
        {n: 8, due: 1},
      ],
      10,
    )
    expect(acted.map(({n}) => n)).toEqual([3, 8])
  })

  it('acts on nothing that is not due yet', async () => {
    const {acted, over, end} = await leapThrough(arrivalsAt(0, 10, 11), 10)
    expect(acted.map(({n}) => n)).toEqual([0, 1])
    expect(over).toBe(false)
    await end()
  })

  it('acts at once on what was due before it began, and tells when it was due', async () => {
    const {acted} = await leapThrough(arrivalsAt(0, 10, 60), 20, -50)
    expect(acted).toEqual([
      {n: 0, dueMs: -50, atMs: 0},
      {n: 1, dueMs: -40, atMs: 0},
      {n: 2, dueMs: 10, atMs: 10},
    ])
  })

  it('is over at once when nothing is due', async () => {
    expect((await leapThrough([], 0)).over).toBe(true)
  })

  it('waits for nothing after the last arrival', async () => {
    expect((await leapThrough(arrivalsAt(0, 5), 5)).over).toBe(true)
  })

  it('stops when it is told to, in the midst of an endless schedule, and closes it', async () => {
    let closed = false
    function* forever(): Generator<Arrival> {
      try {
        for (let n = 0; ; n++) yield {n, due: n * 10}
      } finally {
        closed = true
      }
    }
    const {acted, end} = await leapThrough(forever(), 25)
    await end()
    expect(acted.map(({n}) => n)).toEqual([0, 1, 2])
    expect(closed).toBe(true)
  })

  it('does nothing at all when it was told to stop before', async () => {
    const acted: number[] = []
    const spending = {clock: new LeapingClock(), signal: AbortSignal.abort(), startAtMs: 0}
    await spend(arrivalsAt(0, 0, 5), {...spending, act: (n) => acted.push(n)})
    expect(acted).toEqual([])
  })

  it('stops after an arrival that told it to', async () => {
    const abort = new AbortController()
    const acted: number[] = []
    await spend(arrivalsAt(0, 0, 0), {
      clock: new LeapingClock(),
      signal: abort.signal,
      startAtMs: 0,
      act(n) {
        acted.push(n)
        if (n === 1) abort.abort()
      },
    })
    expect(acted).toEqual([0, 1])
  })

  it('hands on what acting throws', async () => {
    const spending = {clock: new LeapingClock(), signal: new AbortController().signal, startAtMs: 0}
    const act = (): never => {
      throw new Error('no such user')
    }
    await expect(spend(arrivalsAt(0), {...spending, act})).rejects.toThrow('no such user')
  })
})

describe("on the host's clock", () => {
  it('is never early, and acts on all in order', async () => {
    const clock = new HostClock()
    const startAtMs = clock.now() + 5
    const acted: Acted[] = []
    const arrivals = Array.from({length: 200}, (_, n) => ({n, due: n * 0.37}))
    await spend(arrivals, {
      clock,
      signal: new AbortController().signal,
      startAtMs,
      act: (n, dueMs) => acted.push({n, dueMs, atMs: clock.now()}),
    })
    expect(acted.map(({n}) => n)).toEqual(arrivals.map(({n}) => n))
    expect(acted.filter(({dueMs, atMs}) => atMs < dueMs)).toEqual([])
    expect(acted.map(({dueMs}) => dueMs)).toEqual(arrivals.map(({due}) => startAtMs + due))
  })

  it('lets others have a turn while it is far behind, and still acts on all', async () => {
    const clock = new HostClock()
    let turns = 0
    let over = false
    const takeTurn = (): void => {
      turns++
      if (!over) setImmediate(takeTurn)
    }
    setImmediate(takeTurn)
    let acted = 0
    await spend(
      Array.from({length: 30}, (_, n) => ({n, due: 0})),
      {
        clock,
        signal: new AbortController().signal,
        startAtMs: clock.now() - 60_000,
        act() {
          acted++
          for (const end = clock.now() + 2; clock.now() < end;);
        },
      },
    )
    over = true
    expect(acted).toBe(30)
    // 60 ms of work in stretches of 4 ms, each of which ends a little late.
    expect(turns).toBeGreaterThanOrEqual(5)
  })

  it('can be stopped while it is far behind', async () => {
    const clock = new HostClock()
    const abort = new AbortController()
    function* forever(): Generator<Arrival> {
      for (let n = 0; ; n++) yield {n, due: 0}
    }
    let acted = 0
    setImmediate(() => abort.abort())
    await spend(forever(), {clock, signal: abort.signal, startAtMs: clock.now() - 1000, act: () => acted++})
    expect(acted).toBeGreaterThan(0)
  })
})
