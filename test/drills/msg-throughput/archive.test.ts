import {describe, expect, test} from 'vitest'
import {LeapingClock} from '../../../src/lib/base/clock.js'
import {Accepted, sequencesIn} from '../../../src/lib/drills/msg-throughput/accepted.js'
import {searchArchive} from '../../../src/lib/drills/msg-throughput/archive.js'
import {writeStamp} from '../../../src/lib/protocols/stamp.js'

const RUN = 'run45678'

function text(voice: number, sequence: number): Buffer {
  return Buffer.from(`{"body":"${writeStamp(RUN, voice, sequence, 5)} and more"}`)
}

/** Three messages of voice 0 and one of voice 7; the archive gets another of `rounds` with each look. */
async function searched(rounds: readonly (readonly Buffer[] | Error)[], withinMs = 3000) {
  const clock = new LeapingClock()
  const accepted = new Accepted(true)
  for (const [voice, sequence] of [
    [0, 0],
    [0, 1],
    [0, 900],
    [7, 3],
  ] as const)
    accepted.add(voice, sequence)
  let look = 0
  const texts = async function* () {
    const round = rounds[Math.min(look++, rounds.length - 1)] ?? []
    if (round instanceof Error) throw round
    yield* round
    await Promise.resolve()
  }
  const found = searchArchive({
    runId: RUN,
    clock,
    signal: new AbortController().signal,
    accepted: accepted.entries(),
    lastDueMs: 0,
    withinMs,
    texts,
  })
  await clock.advance(60_000)
  return await found
}

const ALL = [text(0, 0), text(0, 1), text(0, 900), text(7, 3)]

describe('an archive', () => {
  test('that holds all at once has no lag to speak of', async () => {
    expect(await searched([ALL])).toEqual({wanted: 4, missing: 0, lagMs: 0, examples: []})
  })

  test('that fills up meanwhile is told when it was full', async () => {
    const {missing, lagMs} = await searched([[], ALL.slice(0, 3), ALL])
    expect({missing, lagMs}).toEqual({missing: 0, lagMs: 1000})
  })

  test('that lacks a message when the time is up says which', async () => {
    const {missing, lagMs, examples} = await searched([ALL.toSpliced(2, 1)])
    expect({missing, lagMs, examples}).toEqual({missing: 1, lagMs: undefined, examples: [{voice: 0, sequence: 900}]})
  })

  test('is not satisfied by messages of another run', async () => {
    const foreign = Buffer.from(writeStamp('another1', 7, 3, 5))
    expect((await searched([[...ALL.slice(0, 3), foreign]])).missing).toBe(1)
  })

  test('that cannot be read lacks everything, and says why', async () => {
    const {missing, trouble} = await searched([new Error('permission denied')])
    expect({missing, trouble}).toEqual({missing: 4, trouble: 'permission denied'})
  })

  test('that could be read in the end is taken as it was then', async () => {
    const {missing, trouble} = await searched([new Error('starting up'), ALL])
    expect({missing, trouble}).toEqual({missing: 0, trouble: undefined})
  })
})

test('accepted messages survive their way between processes', () => {
  const accepted = new Accepted(true)
  const sequences = [0, 1, 7, 8, 63, 64, 511, 512, 100_000]
  for (const sequence of sequences) accepted.add(3, sequence)
  const [[voice, bits] = [0, '']] = accepted.entries()
  expect([voice, [...sequencesIn(bits)]]).toEqual([3, sequences])
})

test('nothing is kept where no archive is checked', () => {
  const accepted = new Accepted(false)
  accepted.add(1, 1)
  expect(accepted.entries()).toEqual([])
})
