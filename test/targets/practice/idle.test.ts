/** When a connection is idle, on a clock that leaps; and that it is closed so on the wire. */
import {afterEach, describe, expect, it} from 'vitest'
import type {AddressInfo} from 'node:net'
import {LeapingClock} from '../../../src/lib/base/clock.js'
import {seededRandom} from '../../../src/lib/base/random.js'
import {ChatNode} from '../../../src/lib/targets/practice/chat-node.js'
import type {DefectKit} from '../../../src/lib/targets/practice/defects/defect.js'
import {makeDefect} from '../../../src/lib/targets/practice/defects/make-defect.js'
import {parseDefect} from '../../../src/lib/targets/practice/defects/parse-defect.js'
import {lastSign, sweepIdle, type LastSign} from '../../../src/lib/targets/practice/idle.js'
import {SocketMember} from '../../../src/lib/targets/practice/socket-member.js'
import {listen} from '../../../src/lib/targets/practice/server.js'
import {Shards} from '../../../src/lib/targets/practice/shards.js'
import {MemoryBus, MemoryStore} from './memory-parts.js'
import {TestUser} from './test-user.js'

const IDLE_MS = 10_000

interface Signs {
  readonly heardAt: number
  readonly toldAt: number
}

/** The close code that a connection with these signs of life gets at `now`; undefined when it stays open. */
async function closedAt(now: number, signs: Signs, sign: LastSign = lastSign): Promise<number | undefined> {
  let code: number | undefined
  const close = (given: number): void => void (code = given)
  const member = Object.assign(Object.create(SocketMember.prototype) as SocketMember, signs, {
    isOpen: () => true,
    close,
  })
  const clock = new LeapingClock()
  await clock.advance(now)
  sweepIdle({idleMs: IDLE_MS, clock, members: [member], lastSign: () => sign})
  return code
}

function signUnder(defect: string): LastSign {
  const kit = {random: seededRandom('seed')} as DefectKit
  return makeDefect(parseDefect(defect), kit).lastSign?.(lastSign) ?? lastSign
}

const SILENT: Signs = {heardAt: 5000, toldAt: -Infinity}
const SENDING: Signs = {heardAt: 14_000, toldAt: -Infinity}
const RECEIVING: Signs = {heardAt: 5000, toldAt: 14_000}

describe('a connection', () => {
  it.each([
    ['that is silent is left alone until its time is up', SILENT, 14_999, undefined],
    ['that is silent is closed when its time is up', SILENT, 15_000, 4000],
    ['that sends is not closed', SENDING, 15_000, undefined],
    ['that only receives is not closed', RECEIVING, 15_000, undefined],
    ['that received last is closed in its turn', RECEIVING, 24_000, 4000],
  ])('%s', async (_, signs, now, code) => {
    expect(await closedAt(now, signs)).toBe(code)
  })

  it.each([
    ['never-idle-close', 'a silent one is never closed', SILENT, undefined],
    ['close-receivers', 'one that only receives is closed', RECEIVING, 4000],
    ['close-receivers', 'one that sends is not closed', SENDING, undefined],
  ])('under %s: %s', async (defect, _, signs, code) => {
    expect(await closedAt(15_000, signs, signUnder(defect))).toBe(code)
  })
})

describe('on the wire', () => {
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0).reverse()) close()
  })

  /** A node whose time is the clock of the test. */
  async function nodeWith(clock: LeapingClock): Promise<string> {
    const node = await ChatNode.open({
      index: 0,
      shards: new Shards([new MemoryStore()]),
      clock,
      idleMs: 1000,
      connectBus: (events) => Promise.resolve(new MemoryBus(events)),
    })
    const server = await listen(node, 0)
    closing.push(() => {
      node.close()
      server.close()
      server.closeAllConnections()
    })
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('a silent user is closed with 4000; frames, pings and what is delivered keep others', async () => {
    const clock = new LeapingClock()
    const url = await nodeWith(clock)
    const [silent, pinging, speaking, receiving] = (await Promise.all(
      ['silent', 'pinging', 'speaking', 'receiving'].map((name) => TestUser.connect(url, name)),
    )) as [TestUser, TestUser, TestUser, TestUser]
    await Promise.all([speaking.join('r'), receiving.join('r')])
    await clock.advance(900)
    const ponged = new Promise((resolve) => pinging.socket.once('pong', resolve))
    pinging.socket.ping()
    speaking.publish('r', 1)
    await Promise.all([ponged, receiving.nextOf('message')])
    await clock.advance(200)
    expect(await silent.closed).toBe(4000)
    for (const user of [pinging, speaking, receiving]) expect(user.socket.readyState).toBe(user.socket.OPEN)
  })
})
