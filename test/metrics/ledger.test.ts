import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {describe, expect, it, test} from 'vitest'
import {RoomLedger} from '../../src/lib/metrics/ledger.js'
import {play} from './room-script.js'

const all = 'delivered delivered delivered'

describe('a receipt is', () => {
  test.each([
    ['delivered to everyone', "all enter; ann sends; all get ann's 0", all],
    ['delivered though its ack comes later', "all enter; ann sends; all get ann's 0; ann's 0 is accepted", all],
    [
      'delivered before others send',
      "all enter; ann sends; ben sends; ben gets ben's 0; ben gets ann's 0",
      'delivered delivered',
    ],
    [
      'duplicated at the second time',
      "all enter; ann sends; ben gets ann's 0; ben gets ann's 0",
      'delivered duplicated',
    ],
    [
      'duplicated when all others have it and it is long forgotten',
      "all enter; ann sends; ann's 0 is accepted; all get ann's 0; ben gets ann's 0",
      `${all} duplicated`,
    ],
    [
      'reordered when a later one of the same sender came first',
      "all enter; ann sends; ann sends; ben gets ann's 1; ben gets ann's 0; cat gets ann's 0; cat gets ann's 1",
      'delivered reordered delivered delivered',
    ],
    [
      'reordered only once a message, however far it is behind',
      "all enter; ann sends; ann sends; ann sends; ben gets ann's 2; ben gets ann's 0; ben gets ann's 1",
      'delivered reordered reordered',
    ],
    ['in order though one is missing', "all enter; ann sends; ann sends; ben gets ann's 1", 'delivered'],
    [
      'duplicated and not reordered when an old one comes again',
      "all enter; ann sends; ann sends; ben gets ann's 0; ben gets ann's 1; ben gets ann's 0",
      'delivered delivered duplicated',
    ],
    ['unexpected when it was never sent', "all enter; ann sends; ben gets ann's 1", 'unexpected'],
    ['unexpected when its publisher does not belong to the room', "all enter; ben gets zoe's 0", 'unexpected'],
    ['unexpected after the member left', "all enter; ann sends; ben leaves; ben gets ann's 0", 'unexpected'],
    [
      'delivered again after the member left and came back',
      "all enter; ben leaves; ben enters; ann sends; ben gets ann's 0",
      'delivered',
    ],
    ['nothing wrong for a late joiner', "ann enters; ann sends; ben enters; ben gets ann's 0", 'late-joiner'],
    [
      'nothing wrong for a late joiner that gets what all others have',
      "ann enters; ann sends; ann's 0 is accepted; ann gets ann's 0; ben enters; ben gets ann's 0",
      'delivered late-joiner',
    ],
    [
      'delivered to a late joiner from its entrance on',
      "ann enters; ann sends; ben enters; ann sends; ben gets ann's 1; ben gets ann's 0",
      'delivered late-joiner',
    ],
    [
      'unexpected when the message was refused',
      "all enter; ann sends; ann's 0 is failed; ben gets ann's 0",
      'unexpected',
    ],
    ['nothing wrong before the member was in for certain', "ann enters; ann sends; ben gets ann's 0", 'late-joiner'],
    [
      'nothing wrong when a rejoining member is told what it missed',
      "all enter; ben is cut off; ann sends; ben enters; ben gets ann's 0; ann sends; ben gets ann's 1",
      'late-joiner delivered',
    ],
    [
      'nothing wrong when a rejoining member is told what was on its way to it',
      "all enter; ann sends; ben is cut off; ann's 0 is accepted; ben enters; ben gets ann's 0",
      'late-joiner',
    ],
    [
      'nothing wrong when a rejoining member is told once more what everyone has',
      "all enter; ann sends; ann's 0 is accepted; all get ann's 0; ben is cut off; ben enters; ben gets ann's 0",
      `${all} late-joiner`,
    ],
    [
      'delivered when a rejoining member is told what it was still due, and never reordered',
      "all enter; ann sends; ann's 0 is accepted; ann sends; ben gets ann's 1; 9 s pass; ben is cut off; ben enters; ben gets ann's 0",
      'delivered delivered',
    ],
  ])('%s', (_what, script, receipts) => {
    expect(play(script).receipts.join(' ')).toBe(receipts)
  })
})

describe('without an echo, a receipt is', () => {
  test.each([
    [
      'delivered to everyone but the sender',
      "all enter; ann sends; ben gets ann's 0; cat gets ann's 0",
      'delivered delivered',
    ],
    ['unexpected at the sender', "all enter; ann sends; ann gets ann's 0", 'unexpected'],
    [
      'unexpected at the sender each time',
      "all enter; ann sends; ann gets ann's 0; ann gets ann's 0",
      'unexpected unexpected',
    ],
    [
      'unexpected at the sender when everyone else has it already',
      "all enter; ann sends; ann's 0 is accepted; ben gets ann's 0; cat gets ann's 0; ann gets ann's 0",
      'delivered delivered unexpected',
    ],
    [
      'nothing wrong when the rejoining sender is told what was said before',
      "all enter; ann sends; ann is cut off; ann enters; ann gets ann's 0",
      'late-joiner',
    ],
  ])('%s', (_what, script, receipts) => {
    expect(play(script, {echo: false}).receipts.join(' ')).toBe(receipts)
  })

  it('is due to one member less', () => {
    const {expected, lost} = play("all enter; ann sends; ann's 0 is accepted", {echo: false})
    expect(lost).toEqual(["ben misses ann's 0", "cat misses ann's 0"])
    expect(expected).toBe(2)
  })
})

describe('a message counts as', () => {
  test.each([
    [
      'lost to whom it never came',
      "all enter; ann sends; ann's 0 is accepted; ann gets ann's 0; cat gets ann's 0",
      3,
      ["ben misses ann's 0"],
    ],
    [
      'lost to all when it came to nobody',
      "ann enters; ben enters; ann sends; ann's 0 is accepted",
      2,
      ["ann misses ann's 0", "ben misses ann's 0"],
    ],
    [
      'lost though a later one came',
      "ben enters; ann sends; ann's 0 is accepted; ann sends; ann's 1 is accepted; ben gets ann's 1",
      2,
      ["ben misses ann's 0"],
    ],
    [
      'not lost when the member was not in the room yet',
      "ann enters; ann sends; ann's 0 is accepted; ben enters; ann gets ann's 0",
      1,
      [],
    ],
    [
      'not lost when the member left with it in flight',
      "ben enters; ann sends; ann's 0 is accepted; 1 s pass; ben leaves",
      0,
      [],
    ],
    [
      'not lost when the member was cut off with it in flight',
      "ben enters; ann sends; ann's 0 is accepted; 1 s pass; ben is cut off",
      0,
      [],
    ],
    [
      'not lost when the member was cut off before the ack',
      "ben enters; ann sends; 9 s pass; ben is cut off; ann's 0 is accepted",
      0,
      [],
    ],
    [
      'lost when it was accepted well before the member was cut off',
      "ben enters; ann sends; ann's 0 is accepted; 2 s pass; ben is cut off",
      1,
      ["ben misses ann's 0"],
    ],
    [
      'lost when it was accepted well before the member left',
      "ben enters; ann sends; ann's 0 is accepted; 5 s pass; ben leaves",
      1,
      ["ben misses ann's 0"],
    ],
    [
      'lost still, when the member comes back and is not told',
      "ben enters; ann sends; ann's 0 is accepted; 5 s pass; ben is cut off; ben enters",
      1,
      ["ben misses ann's 0"],
    ],
    ['not due when it was refused', "ben enters; ann sends; ann's 0 is failed", 0, []],
    ['not lost when its outcome is unknown', "ben enters; ann sends; ann's 0 is unknown", 0, []],
    ['not lost when it was not answered at all', 'ben enters; ann sends', 0, []],
    [
      'delivered when its outcome is unknown and it came',
      "all enter; ann sends; ann's 0 is unknown; ben gets ann's 0",
      1,
      [],
    ],
    [
      'delivered when it came before it was refused',
      "all enter; ann sends; ben gets ann's 0; ann's 0 is failed",
      1,
      [],
    ],
    [
      'lost when its ack came after its time',
      "ben enters; ann sends; ann's 0 is unknown; ann's 0 is accepted",
      1,
      ["ben misses ann's 0"],
    ],
    [
      'delivered when its ack came after the delivery',
      "ben enters; ann sends; ben gets ann's 0; ann's 0 is accepted",
      1,
      [],
    ],
    ['due to nobody in an empty room', "ann sends; ann's 0 is accepted", 0, []],
  ])('%s', (_what, script, expected, lost) => {
    const outcome = play(script)
    expect(outcome.lost).toEqual(lost)
    expect(outcome.expected).toBe(expected)
  })

  it('due in the phase in which it was due', () => {
    const ledger = new RoomLedger({members: 2, publishers: 1, echo: true, inFlightMs: 0})
    ledger.enter(0)
    ledger.enter(1)
    for (const phase of ['ramp', 'steady', 'steady']) {
      const sequence = ledger.publish(0, 0, {phase, startedAt: 0})
      ledger.settle(0, sequence, 'accepted', 0)
      ledger.receive(0, 0, sequence)
    }
    ledger.receive(1, 0, 1)
    const {expected, missing} = ledger.close()
    expect(Object.fromEntries(expected)).toEqual({ramp: 2, steady: 4})
    expect(missing).toEqual([
      {publisher: 0, sequence: 0, phase: 'ramp', startedAt: 0, members: [1]},
      {publisher: 0, sequence: 2, phase: 'steady', startedAt: 0, members: [1]},
    ])
  })
})

describe('unproven are', () => {
  test.each([
    ['members that were due no message', 'all enter', ['ann', 'ben', 'cat']],
    ['not those who never came', 'ann enters', ['ann']],
    ['not those who got one', "all enter; ann sends; ben gets ann's 0; cat gets ann's 0", ['ann']],
    ['not those who missed one', "all enter; ann sends; ann's 0 is accepted", []],
    ['members that were due none but refused ones', "ben enters; ann sends; ann's 0 is failed", ['ben']],
    ['members that were due none of which the outcome is known', "ben enters; ann sends; ann's 0 is unknown", ['ben']],
    [
      'members that left with the only one in flight',
      "ben enters; ann sends; ben leaves; ann's 0 is accepted",
      ['ben'],
    ],
    ['members that only came late', "ann enters; ann sends; ben enters; ben gets ann's 0; ann gets ann's 0", ['ben']],
  ])('%s', (_what, script, unproven) => {
    expect(play(script).unproven).toEqual(unproven)
  })
})

describe('a ledger', () => {
  function smallRoom(): RoomLedger {
    const ledger = new RoomLedger({members: 2, publishers: 2, echo: true, inFlightMs: 0})
    ledger.enter(0)
    ledger.enter(1)
    return ledger
  }

  it('counts the sequence of each publisher from 0', () => {
    const ledger = smallRoom()
    const send = (publisher: number) => ledger.publish(publisher, publisher, {phase: '', startedAt: 0})
    expect([send(0), send(0), send(1), send(0), send(1)]).toEqual([0, 1, 0, 2, 1])
  })

  it('knows when a message was sent, until everyone has it', () => {
    const ledger = smallRoom()
    ledger.publish(0, 0, {phase: '', startedAt: 7})
    expect(ledger.startedAt(0, 0)).toBe(7)
    ledger.settle(0, 0, 'accepted', 8)
    ledger.receive(0, 0, 0)
    expect(ledger.startedAt(0, 0)).toBe(7)
    ledger.receive(1, 0, 0)
    expect(ledger.startedAt(0, 0)).toBeUndefined()
    expect(ledger.startedAt(1, 5)).toBeUndefined()
    expect(ledger.startedAt(9, 0)).toBeUndefined()
  })

  it('is settled when nobody waits for anything', () => {
    const ledger = smallRoom()
    expect(ledger.settled).toBe(true)
    ledger.publish(0, 0, {phase: '', startedAt: 0})
    expect(ledger.settled).toBe(false)
    ledger.receive(0, 0, 0)
    ledger.receive(1, 0, 0)
    expect(ledger.settled).toBe(false)
    ledger.settle(0, 0, 'unknown', 0)
    expect(ledger.settled).toBe(true)
  })

  it('is settled when the last one that was waited for is cut off', () => {
    const ledger = smallRoom()
    ledger.publish(0, 0, {phase: '', startedAt: 0})
    ledger.settle(0, 0, 'unknown', 0)
    ledger.receive(0, 0, 0)
    expect(ledger.settled).toBe(false)
    ledger.lose(1, 1)
    expect(ledger.settled).toBe(true)
  })

  it('refuses a publisher that the room does not have', () => {
    expect(() => smallRoom().publish(2, 0, {phase: '', startedAt: 0})).toThrow(RangeError)
  })

  it('stays small however many messages are complete, while one is waited for in vain and refused ones pass by', () => {
    const members = 500
    const ledger = new RoomLedger({members, publishers: 2, echo: true, inFlightMs: 0})
    ledger.enter(0)
    const say = (publisher: number, acceptance: 'accepted' | 'failed') => {
      const sequence = ledger.publish(publisher, 0, {phase: 'steady', startedAt: 0})
      ledger.settle(publisher, sequence, acceptance, 0)
      return sequence
    }
    say(0, 'accepted')
    const before = heapAfterCollection()
    for (let n = 0; n < 30_000; n++) {
      ledger.receive(0, 0, say(0, 'accepted'))
      ledger.receive(0, 1, say(1, 'accepted'))
      say(1, 'failed')
    }
    // Kept open, each would hold two sets of 500 bits: 10 MB in all.
    expect(heapAfterCollection() - before).toBeLessThan(2_000_000)
    const {expected, missing} = ledger.close()
    expect(expected.get('steady')).toBe(60_001)
    expect(missing).toHaveLength(1)
  })

  it('keeps nothing at all of a long run in which everything arrives', () => {
    const ledger = new RoomLedger({members: 1, publishers: 1, echo: true, inFlightMs: 0})
    ledger.enter(0)
    const before = heapAfterCollection()
    for (let n = 0; n < 400_000; n++) {
      ledger.settle(0, ledger.publish(0, 0, {phase: 'steady', startedAt: 0}), 'accepted', 0)
      ledger.receive(0, 0, n)
    }
    // A list of nothings would be 3.2 MB long.
    expect(heapAfterCollection() - before).toBeLessThan(1_500_000)
    expect(ledger.close().expected.get('steady')).toBe(400_000)
  })
})

/** Bytes in use on the heap and in buffers, without garbage. */
function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const {heapUsed, arrayBuffers} = process.memoryUsage()
  return heapUsed + arrayBuffers
}
