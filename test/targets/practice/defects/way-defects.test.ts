/** Defects on a message's way: what is stored, sent and acked under each. */
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {LeapingClock} from '../../../../src/lib/base/clock.js'
import {seededRandom} from '../../../../src/lib/base/random.js'
import type {Defect} from '../../../../src/lib/targets/practice/defects/defect.js'
import {makeDefect} from '../../../../src/lib/targets/practice/defects/make-defect.js'
import {parseDefect} from '../../../../src/lib/targets/practice/defects/parse-defect.js'
import type {Pending, Stored} from '../../../../src/lib/targets/practice/pending.js'
import type {Upkeep} from '../../../../src/lib/targets/practice/upkeep.js'

const author = {user: 'ann', acked: () => undefined, refused: () => undefined}
let clock: LeapingClock
let upkeep: {-readonly [Key in keyof Upkeep]: Upkeep[Key]}
let acked: number[]
let again: Pending[]
let defect: Defect

beforeEach(() => {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval']})
  clock = new LeapingClock()
  upkeep = {leads: true, partitionsAhead: 2, archived: 0, runsOutAt: undefined, skips: undefined}
  ;[acked, again] = [[], []]
})

afterEach(() => {
  defect.end?.()
  vi.useRealTimers()
})

function make(text: string): Defect {
  const nothing = () => undefined
  const [members, rooms, upkeeps] = [() => [], () => [], () => [upkeep]]
  const kit = {node: 0, nodes: 2, random: seededRandom('seed'), clock, forget: nothing, crash: nothing}
  defect = makeDefect(parseDefect(text), {...kit, members, rooms, upkeeps})
  return defect
}

const desk = {
  acknowledge: ({message}: Stored) => void acked.push(message.id),
  store: (message: Pending) => void again.push(message),
}

function pending(id: number): Pending {
  return {author, room: 'r', id, body: 'x', number: id, since: 0, time: 0, acked: false}
}

function batch(from: number, count: number): Stored[] {
  return Array.from({length: count}, (_, index) => ({message: pending(from + index), id: from + index}))
}

async function pass(ms: number): Promise<void> {
  await clock.advance(ms)
  vi.advanceTimersByTime(ms)
}

/** Ids that are sent when `perSecond` messages are stored a second, for two seconds. */
async function sentAt(perSecond: number): Promise<number[]> {
  const sent: number[] = []
  const send = defect.sending?.((stored) => sent.push(...stored.map(({id}) => id)), desk)
  const each = perSecond / 50
  for (let turn = 0; turn < 100; turn++) {
    send?.(batch(turn * each, each))
    await pass(20)
  }
  return sent
}

describe('lose-under-load', () => {
  it('loses a share of the messages that are acked, above its rate', async () => {
    make('lose-under-load=10%')
    const sent = await sentAt(1000)
    expect(sent.length).toBeGreaterThan(1700)
    expect(sent.length).toBeLessThan(1950)
    expect([...sent, ...acked].sort((a, b) => a - b)).toEqual(Array.from({length: 2000}, (_, id) => id))
  })

  it('loses nothing below it', async () => {
    make('lose-under-load=10%')
    expect(await sentAt(150)).toHaveLength(300)
  })
})

describe('growing-backlog', () => {
  it("sends its node's share of the rate, in order, acks everything, and sends the rest when it ends", async () => {
    make('growing-backlog=1000/s')
    const sent = await sentAt(2000)
    expect(sent.length).toBeGreaterThan(980)
    expect(sent.length).toBeLessThan(1020)
    expect(acked).toHaveLength(4000)
    defect.end?.()
    expect(sent).toEqual(Array.from({length: 4000}, (_, id) => id))
  })

  it('holds nothing back for long below it', async () => {
    make('growing-backlog=1000/s')
    expect((await sentAt(400)).length).toBeGreaterThan(780)
  })
})

describe('duplicate-on-retry', () => {
  it('sends everything, and stores a share once more, acked to nobody; a copy is not copied', async () => {
    make('duplicate-on-retry=10%')
    expect(await sentAt(500)).toHaveLength(1000)
    expect(again.length).toBeGreaterThan(60)
    expect(again.length).toBeLessThan(140)
    expect(again.every((message) => message.acked)).toBe(true)
    const copies = again.splice(0)
    defect.sending?.(() => undefined, desk)(copies.map((message) => ({message, id: 1})))
    expect(again).toEqual([])
  })
})

describe('ack-before-store', () => {
  it('acks at once and stores after its time, in order', async () => {
    make('ack-before-store=50ms')
    const stored: number[] = []
    const accept = defect.accepting?.(({id}) => stored.push(id), desk)
    for (const id of [1, 2, 3]) accept?.(pending(id))
    expect([acked, stored]).toEqual([[1, 2, 3], []])
    await pass(49)
    expect(stored).toEqual([])
    await pass(1)
    expect(stored).toEqual([1, 2, 3])
  })

  it('stores what is left when it ends', () => {
    make('ack-before-store')
    const stored: number[] = []
    defect.accepting?.(({id}) => stored.push(id), desk)(pending(1))
    defect.end?.()
    expect(stored).toEqual([1])
  })
})

describe('hot-shard', () => {
  it('keeps its share of the rooms in the first shard, the same on every node, and the others where they belong', () => {
    const placing = make('hot-shard=80%').placing?.((room) => Number(room.at(-1)) % 2)
    const rooms = Array.from({length: 1000}, (_, index) => `room ${index}`)
    const first = rooms.filter((room) => placing?.(room) === 0)
    expect(first.length).toBeGreaterThan(860)
    expect(first.length).toBeLessThan(940)
    const other = make('hot-shard=80%').placing?.((room) => Number(room.at(-1)) % 2)
    expect(rooms.map((room) => other?.(room))).toEqual(rooms.map((room) => placing?.(room)))
  })
})

describe('the upkeep of a shard', () => {
  it('is told when partitions run out, and when they no longer do', () => {
    make('missing-partition=3s')
    expect(upkeep.runsOutAt).toBe(clock.date().getTime() + 3000)
    defect.end?.()
    expect(upkeep.runsOutAt).toBeUndefined()
  })

  it('is told to pass over every fifth batch of the archive, and no longer', () => {
    make('archive-skips-batch=5')
    const passedOver = Array.from({length: 50}, () => upkeep.skips?.()).filter(Boolean)
    expect(passedOver).toHaveLength(10)
    defect.end?.()
    expect(upkeep.skips).toBeUndefined()
  })
})
