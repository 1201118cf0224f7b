import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {LeapingClock} from '../../../../src/lib/base/clock.js'
import {seededRandom} from '../../../../src/lib/base/random.js'
import type {Defect, Delivery} from '../../../../src/lib/targets/practice/defects/defect.js'
import {makeDefect} from '../../../../src/lib/targets/practice/defects/make-defect.js'
import {parseDefect} from '../../../../src/lib/targets/practice/defects/parse-defect.js'
import {messageText, textFrame} from '../../../../src/lib/targets/practice/frames.js'
import {Room, type Member} from '../../../../src/lib/targets/practice/members.js'
import {SocketMember} from '../../../../src/lib/targets/practice/socket-member.js'

const room = new Room('r')
const member = someMember()
const clock = new LeapingClock()

/** One that is never connected: defects only hand it on. */
function someMember(): Member {
  return Object.create(SocketMember.prototype) as Member
}

function defectOf(text: string, seed = 'seed', rooms: readonly Room[] = [room]): Defect {
  const random = seededRandom(seed)
  const [forget, crash] = [() => undefined, () => undefined]
  const upkeeps = () => []
  const kit = {node: 0, nodes: 1, upkeeps, random, clock, members: () => [member], rooms: () => rooms, forget, crash}
  return makeDefect(parseDefect(text), kit)
}

function deliveryOf(id: number, from = 'ann'): Delivery {
  const text = messageText({room: 'r', from, id, body: 'x'})
  return {room, text: Buffer.from(text), frame: textFrame(text)}
}

/** Numbers of the messages that one member gets when `ids` are delivered. */
function received(defect: Defect, ids: readonly number[]): number[] {
  const got: number[] = []
  const deliver = defect.deliver?.((_, {text}) => got.push((JSON.parse(text.toString()) as {id: number}).id))
  for (const id of ids) deliver?.(member, deliveryOf(id))
  defect.end?.()
  return got
}

const thousand = Array.from({length: 1000}, (_, index) => index)

beforeEach(() => void vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval']}))
afterEach(() => void vi.useRealTimers())

describe('the share of deliveries that a defect spoils', () => {
  it('is lost, and the rest comes in order', () => {
    const got = received(defectOf('lose-deliveries=10%'), thousand)
    expect(got.length).toBeGreaterThan(850)
    expect(got.length).toBeLessThan(950)
    expect(got).toEqual([...got].sort((a, b) => a - b))
  })

  it('is duplicated, and nothing is lost', () => {
    const got = received(defectOf('duplicate-deliveries=10%'), thousand)
    expect(got.length).toBeGreaterThan(1050)
    expect(new Set(got).size).toBe(1000)
  })

  it('is reordered, and nothing is lost or doubled', () => {
    const got = received(defectOf('reorder-deliveries=10%'), thousand)
    expect([...got].sort((a, b) => a - b)).toEqual(thousand)
    expect(got.filter((id, place) => id < (got[place - 1] ?? -1)).length).toBeGreaterThan(50)
  })

  it.each(['lose-deliveries=10%', 'duplicate-deliveries=10%', 'reorder-deliveries=10%'])(
    'follows the seed: %s',
    (text) => {
      expect(received(defectOf(text), thousand)).toEqual(received(defectOf(text), thousand))
      expect(received(defectOf(text, 'another'), thousand)).not.toEqual(received(defectOf(text), thousand))
    },
  )
})

describe('a reordered delivery', () => {
  it('waits for the same sender, however many others speak meanwhile', () => {
    const got: string[] = []
    const deliver = defectOf('reorder-deliveries=100%').deliver?.((_, {text}) => {
      const {from, id} = JSON.parse(text.toString()) as {from: string; id: number}
      got.push(`${from} ${id}`)
    })
    deliver?.(member, deliveryOf(1, 'ann'))
    deliver?.(member, deliveryOf(1, 'bob'))
    deliver?.(member, deliveryOf(2, 'ann'))
    expect(got).toEqual(['bob 1', 'ann 2', 'ann 1'])
  })

  it('is sent after a second when its sender says no more', async () => {
    const got: Delivery[] = []
    const defect = defectOf('reorder-deliveries=100%')
    defect.deliver?.((_, delivery) => got.push(delivery))(member, deliveryOf(1))
    await clock.advance(900)
    vi.advanceTimersByTime(900)
    expect(got).toHaveLength(0)
    await clock.advance(200)
    vi.advanceTimersByTime(200)
    expect(got).toHaveLength(1)
    defect.end?.()
  })
})

describe('a message in the wrong room', () => {
  it('goes to somebody who is in another room and not in its own', () => {
    const [insider, outsider] = [someMember(), someMember()]
    const other = new Room('other')
    room.members.add(insider)
    other.members.add(insider).add(outsider)
    const to: Member[] = []
    defectOf('wrong-room=100%', 'seed', [room, other]).broadcast?.(deliveryOf(1), (member) => to.push(member))
    expect(to).toEqual([outsider])
  })

  it('goes nowhere when there is no other room', () => {
    const to: Member[] = []
    defectOf('wrong-room=100%').broadcast?.(deliveryOf(1), (member) => to.push(member))
    expect(to).toEqual([])
  })
})

describe('stalled output', () => {
  const frames = [1, 2, 3].map((id) => Buffer.from(String(id)))

  it('waits to the end of the stall and then leaves in order', async () => {
    const sent: Buffer[] = []
    const send = defectOf('stall-output=200ms/1s').output?.((_, frame) => sent.push(frame))
    await clock.advance(1000 - (clock.now() % 1000) + 50)
    for (const frame of frames) send?.(member, frame)
    vi.advanceTimersByTime(149)
    expect(sent).toEqual([])
    vi.advanceTimersByTime(1)
    expect(sent).toEqual(frames)
  })

  it('passes at once between two stalls', async () => {
    const sent: Buffer[] = []
    const send = defectOf('stall-output=200ms/1s').output?.((_, frame) => sent.push(frame))
    await clock.advance(1000 - (clock.now() % 1000) + 200)
    for (const frame of frames) send?.(member, frame)
    expect(sent).toEqual(frames)
  })

  it('is sent when the defect ends', async () => {
    const sent: Buffer[] = []
    const defect = defectOf('stall-output=200ms/1s')
    const send = defect.output?.((_, frame) => sent.push(frame))
    await clock.advance(1000 - (clock.now() % 1000) + 10)
    for (const frame of frames) send?.(member, frame)
    defect.end?.()
    expect(sent).toEqual(frames)
  })
})
