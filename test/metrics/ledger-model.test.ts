import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {RoomLedger} from '../../src/lib/metrics/ledger.js'
import type {Acceptance} from '../../src/lib/metrics/stream.js'
import {lossOf, NaiveLedger} from './naive-ledger.js'

const MEMBERS = 4
const PUBLISHERS = 2
const IN_FLIGHT_MS = 20

const member = fc.nat({max: MEMBERS - 1})
const publisher = fc.nat({max: PUBLISHERS - 1})
/** Messages are named by how far they are back, so that most of what happens concerns one that was sent. */
const back = fc.nat({max: 6})
const acceptance = fc.constantFrom<Acceptance[]>('accepted', 'accepted', 'accepted', 'unknown', 'failed')

const step = fc.oneof(
  {weight: 2, arbitrary: fc.record({does: fc.constant('enter' as const), member})},
  {weight: 1, arbitrary: fc.record({does: fc.constantFrom('lose' as const, 'depart' as const), member})},
  {
    weight: 4,
    arbitrary: fc.record({does: fc.constant('publish' as const), publisher, phase: fc.constantFrom('ramp', 'steady')}),
  },
  {weight: 4, arbitrary: fc.record({does: fc.constant('settle' as const), publisher, back, acceptance})},
  {weight: 10, arbitrary: fc.record({does: fc.constant('receive' as const), member, publisher, back})},
  {weight: 2, arbitrary: fc.record({does: fc.constant('wait' as const), ms: fc.nat({max: 30})})},
)
type Step = typeof step extends fc.Arbitrary<infer Kind> ? Kind : never

/** The ledger and its naive twin, told the same. */
class Twins {
  readonly ledger: RoomLedger
  readonly naive: NaiveLedger
  /** Receipts that count as deliveries. */
  delivered = 0
  readonly #sent = Array.from({length: PUBLISHERS}, () => 0)
  #now = 0

  constructor(echo: boolean) {
    this.ledger = new RoomLedger({members: MEMBERS, publishers: PUBLISHERS, echo, inFlightMs: IN_FLIGHT_MS})
    this.naive = new NaiveLedger({echo, inFlightMs: IN_FLIGHT_MS})
  }

  do(step: Step): void {
    switch (step.does) {
      case 'wait':
        this.#now += step.ms
        break
      case 'enter':
        this.ledger.enter(step.member)
        this.naive.enter(step.member)
        break
      case 'lose':
      case 'depart':
        this.ledger[step.does](step.member, this.#now)
        this.naive[step.does](step.member, this.#now)
        break
      case 'publish':
        this.#publish(step)
        break
      case 'settle':
        this.ledger.settle(step.publisher, this.#sequence(step), step.acceptance, this.#now)
        this.naive.settle(step.publisher, this.#sequence(step), step.acceptance, this.#now)
        break
      case 'receive':
        this.#receive(step)
        break
    }
  }

  #publish({publisher, phase}: {publisher: number; phase: string}): void {
    const sequence = this.ledger.publish(publisher, publisher, {phase, startedAt: this.#now})
    expect(sequence).toBe(this.naive.publish(publisher, publisher, phase))
    this.#sent[publisher] = sequence + 1
  }

  #receive(step: {member: number; publisher: number; back: number}): void {
    const sequence = this.#sequence(step)
    const receipt = this.ledger.receive(step.member, step.publisher, sequence)
    expect(this.naive.receive(step.member, step.publisher, sequence)).toContain(receipt)
    if (receipt === 'delivered' || receipt === 'reordered') this.delivered++
  }

  /** Never below 0; the one after the last was not sent. */
  #sequence({publisher, back}: {publisher: number; back: number}): number {
    return Math.max(0, (this.#sent[publisher] ?? 0) - back)
  }
}

function played(echo: boolean, steps: readonly Step[]): Twins {
  const twins = new Twins(echo)
  for (const one of steps) twins.do(one)
  return twins
}

const scenes = [fc.boolean(), fc.array(step, {maxLength: 120, size: 'max'})] as const

describe('whatever happens in a room, the ledger', () => {
  it('says of every receipt and of every loss what one says who keeps everything', () => {
    fc.assert(
      fc.property(...scenes, (echo, steps) => {
        const {ledger, naive} = played(echo, steps)
        const {expected, missing, unproven} = ledger.close()
        const truth = naive.close()
        const lost = missing.flatMap(({members, ...message}) => members.map((member) => lossOf({...message, member})))
        expect(lost.sort()).toEqual(truth.lost)
        expect(unproven).toEqual(truth.unproven)
        for (const phase of ['ramp', 'steady']) {
          const lostThen = truth.lost.filter((loss) => loss.startsWith(phase)).length
          expect(expected.get(phase) ?? 0).toBe((truth.delivered.get(phase) ?? 0) + lostThen)
        }
      }),
      {numRuns: 1500},
    )
  })

  it('counts each delivery that was due as delivered or lost, and none as both', () => {
    fc.assert(
      fc.property(...scenes, (echo, steps) => {
        const {ledger, naive, delivered} = played(echo, steps)
        const {expected, missing} = ledger.close()
        const lost = missing.reduce((sum, {members}) => sum + members.length, 0)
        const due = [...expected.values()].reduce((sum, deliveries) => sum + deliveries, 0)
        expect(due).toBe(delivered + lost)
        expect(delivered - naive.deliveredOtherwise() + lost).toBe(naive.dueOfAccepted())
      }),
      {numRuns: 500},
    )
  })

  it('finds nothing wrong when everything arrives in order at everyone who is there', () => {
    const fine = fc.array(fc.tuple(publisher, fc.boolean()), {maxLength: 50})
    fc.assert(
      fc.property(fine, (messages) => {
        const ledger = new RoomLedger({members: MEMBERS, publishers: PUBLISHERS, echo: true, inFlightMs: IN_FLIGHT_MS})
        for (let each = 0; each < MEMBERS; each++) ledger.enter(each)
        for (const [from, ackFirst] of messages) {
          const sequence = ledger.publish(from, from, {phase: 'steady', startedAt: 0})
          if (ackFirst) ledger.settle(from, sequence, 'accepted', 0)
          for (let each = 0; each < MEMBERS; each++) expect(ledger.receive(each, from, sequence)).toBe('delivered')
          if (!ackFirst) ledger.settle(from, sequence, 'accepted', 0)
        }
        expect(ledger.settled).toBe(true)
        const {expected, missing} = ledger.close()
        expect(missing).toEqual([])
        expect(expected.get('steady') ?? 0).toBe(messages.length * MEMBERS)
      }),
    )
  })
})
