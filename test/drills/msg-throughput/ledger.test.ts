/** Messages that are sent when due, and counted as they come out: against a carrier of the test's own, on a leaping clock. */
import {describe, expect, test} from 'vitest'
import {LeapingClock} from '../../../src/lib/base/clock.js'
import {seededRandom} from '../../../src/lib/base/random.js'
import {DeliveryBook} from '../../../src/lib/drills/msg-throughput/delivery-book.js'
import {Dispatch} from '../../../src/lib/drills/msg-throughput/dispatch.js'
import {msgThroughput} from '../../../src/lib/drills/msg-throughput/index.js'
import type {WorkerKit} from '../../../src/lib/load/worker-kit.js'
import {Measurements} from '../../../src/lib/metrics/measurements.js'
import {countsByTag} from '../../../src/lib/metrics/reading.js'
import {Tally} from '../../../src/lib/metrics/tally.js'
import {Timeline} from '../../../src/lib/metrics/timeline.js'
import type {Outgoing} from '../../../src/lib/protocols/messaging/carrier.js'
import {seatsIn} from '../../../src/lib/protocols/messaging/layout.js'
import {StampReader} from '../../../src/lib/protocols/stamp.js'
import {littleThroughput} from './input.js'

const RUN = 'run45678'

interface Way {
  /** Seats at which a message comes out, and how often. */
  readonly comesOut?: (message: Outgoing, seats: readonly number[]) => readonly number[]
  readonly answers?: (message: Outgoing) => 'accepted' | 'failed' | 'unknown' | 'never'
  readonly again?: boolean
  readonly sendable?: boolean
}

/** 40 messages in two rooms with two seats each, at 20 a second. */
async function sent({comesOut = (_, seats) => seats, answers = () => 'accepted', again = false, sendable = true}: Way) {
  const clock = new LeapingClock()
  const plan = {
    ...msgThroughput.plan(
      await littleThroughput({
        transport: 'redis-stream',
        targets: ['redis://127.0.0.1:6379'],
        rooms: 2,
        publishers: 4,
        fanout: 2,
      }),
    ),
    ackTimeoutMs: 1000,
  }
  const timeline = new Timeline()
  timeline.begin('steady', 0)
  const tally = new Tally()
  const kit: WorkerKit = {
    index: 0,
    workers: 1,
    runId: RUN,
    startedAtMs: 0,
    clock,
    random: seededRandom('ledger'),
    signal: new AbortController().signal,
    tally,
    timeline,
  }
  const rooms = {first: 0, end: 2}
  const book = new DeliveryBook({layout: plan.layout, rooms, inFlightMs: 100}, kit)
  book.enterAll()
  const reader = new StampReader(RUN)
  const out: Outgoing[] = []
  const carrier = {
    open: () => Promise.resolve(),
    publish(message: Outgoing) {
      if (!sendable) return false
      out.push(message)
      void clock.sleep(5).then(() => deliver(message))
      return true
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const dispatch = new Dispatch(plan, kit, {rooms, carrier, book, padding: 'x'.repeat(9), accepted: () => undefined})
  function deliver(message: Outgoing): void {
    const {first, end} = seatsIn(plan.layout, message.room)
    const seats = Array.from({length: end - first}, (_, n) => first + n)
    const answer = answers(message)
    if (answer !== 'never') dispatch.answered(message.ticket, answer, answer === 'accepted' ? undefined : 'because')
    for (const seat of comesOut(message, seats))
      reader.read(Buffer.from(message.text), {
        stamp: (voice, sequence, due) => book.receive(seat, {voice, sequence, due, again}),
        broken: () => undefined,
      })
  }
  const running = dispatch.run({kind: 'steady', rate: 20, lengthMs: 2000}, 0)
  await clock.advance(5000)
  await running
  const awaited = book.awaited
  dispatch.end()
  const missing = book.conclude({forGood: true})
  const measurements = new Measurements()
  measurements.merge(0, {second: 0, entries: tally.take()})
  const counts = Object.fromEntries(
    [
      'published',
      'acked',
      'refused',
      'unknown',
      'delivered',
      'lost',
      'duplicated',
      'redelivered',
      'reordered',
      'unexpected',
    ]
      .map((name) => [name, measurements.total(`messages_${name}`)] as const)
      .filter(([, count]) => count > 0),
  )
  return {
    counts,
    out,
    missing,
    awaited,
    expected: measurements.total('deliveries_expected'),
    dropped: measurements.total('dropped_arrivals'),
    reasons: ['refused', 'unknown'].map((name) => countsByTag(measurements, `messages_${name}`, 'reason')),
    latency: measurements.distribution('delivery_latency'),
  }
}

const EVEN = {published: 40, acked: 40, delivered: 80}

describe('messages', () => {
  test('are sent evenly to all rooms and voices, each when it is due', async () => {
    const {counts, out, expected, latency} = await sent({})
    expect(counts).toEqual(EVEN)
    expect(expected).toBe(80)
    expect([0, 1, 2, 3].map((voice) => out.filter((message) => message.voice === voice).length)).toEqual([
      10, 10, 10, 10,
    ])
    expect([latency.min, latency.max]).toEqual([expect.closeTo(5, 2), expect.closeTo(5, 2)])
  })

  test('that one seat never gets are lost there', async () => {
    const {counts, missing} = await sent({comesOut: ({ticket}, seats) => (ticket % 10 === 3 ? seats.slice(1) : seats)})
    expect(counts).toEqual({...EVEN, delivered: 76, lost: 4})
    expect(missing).toHaveLength(4)
  })

  test('that come twice are duplicates, unless the carrier owns up to it', async () => {
    const twice = ({ticket}: Outgoing, seats: readonly number[]) => (ticket % 10 === 3 ? [...seats, ...seats] : seats)
    expect((await sent({comesOut: twice})).counts).toEqual({...EVEN, duplicated: 8})
    expect((await sent({comesOut: twice, again: true})).counts).toEqual({...EVEN, redelivered: 8})
  })

  test('that come out in another room are unexpected', async () => {
    const wrong = ({ticket, room}: Outgoing, seats: readonly number[]) =>
      ticket === 8 ? [...seats, room === 0 ? 2 : 0] : seats
    expect((await sent({comesOut: wrong})).counts).toEqual({...EVEN, unexpected: 1})
  })

  test('that were turned down are due to nobody', async () => {
    const {counts, expected, reasons} = await sent({
      answers: ({ticket}) => (ticket % 10 === 3 ? 'failed' : 'accepted'),
      comesOut: ({ticket}, seats) => (ticket % 10 === 3 ? [] : seats),
    })
    expect([counts, expected]).toEqual([{...EVEN, acked: 36, refused: 4, delivered: 72}, 72])
    expect(reasons).toEqual([{because: 4}, {}])
  })

  test('that were turned down and come out all the same are unexpected', async () => {
    const {counts} = await sent({answers: ({ticket}) => (ticket === 3 ? 'failed' : 'accepted')})
    expect(counts).toEqual({...EVEN, acked: 39, refused: 1, delivered: 78, unexpected: 2})
  })

  test('without an answer are unknown after a while, and never lost', async () => {
    const {counts, reasons} = await sent({
      answers: ({ticket}) => (ticket % 10 === 3 ? 'never' : 'accepted'),
      comesOut: ({ticket}, seats) => (ticket % 10 === 3 ? [] : seats),
    })
    expect(counts).toEqual({...EVEN, acked: 36, unknown: 4, delivered: 72})
    expect(reasons).toEqual([{}, {unanswered: 4}])
  })

  test('that cannot be sent are dropped, and lost by nobody', async () => {
    const {counts, dropped, expected} = await sent({sendable: false})
    expect([counts, dropped, expected]).toEqual([{}, 40, 0])
  })

  test('that are still to come are awaited', async () => {
    expect((await sent({comesOut: () => []})).awaited).toBe(80)
    expect((await sent({})).awaited).toBe(0)
  })
})
