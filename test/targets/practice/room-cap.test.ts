/** The cap of a room on one node, with a bus in memory: who gets a seat, who is told that there is none, and when seats come back. */
import type {Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {LeapingClock} from '../../../src/lib/base/clock.js'
import {ChatNode} from '../../../src/lib/targets/practice/chat-node.js'
import {parseDefect} from '../../../src/lib/targets/practice/defects/parse-defect.js'
import {listen} from '../../../src/lib/targets/practice/server.js'
import {Shards} from '../../../src/lib/targets/practice/shards.js'
import {MemoryBus, MemoryStore} from './memory-parts.js'
import {TestUser, type Frame} from './test-user.js'

const CAP = 3

let node: ChatNode
let server: Server
let bus: MemoryBus
let url: string

beforeEach(async () => {
  node = await ChatNode.open({
    index: 0,
    shards: new Shards([new MemoryStore()]),
    clock: new LeapingClock(),
    roomCap: CAP,
    connectBus: (events) => Promise.resolve((bus = new MemoryBus(events))),
  })
  server = await listen(node, 0)
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(() => {
  node.close()
  server.close()
  server.closeAllConnections()
})

async function users(count: number): Promise<TestUser[]> {
  return Promise.all(Array.from({length: count}, (_, n) => TestUser.connect(url, `user-${n}`)))
}

/** All ask at the same time. */
async function askAll(asking: readonly TestUser[], room = 'r'): Promise<Frame[]> {
  for (const user of asking) user.send({type: 'join', room})
  return Promise.all(asking.map((user) => user.next(({type}) => type === 'joined' || type === 'refused')))
}

function admitted(answers: readonly Frame[]): number {
  return answers.filter(({type}) => type === 'joined').length
}

/** Resolves when the node has told Redis that it holds so many seats. */
async function seatsAre(count: number, room = 'r'): Promise<void> {
  while (bus.held.get(room) !== count) await new Promise((resolve) => setImmediate(resolve))
}

describe('the cap of a room', () => {
  it('lets in as many as it says, and tells the others that the room is full', async () => {
    const answers = await askAll(await users(8))
    expect(admitted(answers)).toBe(CAP)
    expect(answers.filter(({type}) => type === 'refused')).toEqual(
      Array.from({length: 5}, () => ({type: 'refused', reason: 'room is full'})),
    )
  })

  it('counts those on other nodes', async () => {
    bus.elsewhere = 2
    expect(admitted(await askAll(await users(4)))).toBe(1)
  })

  it('asks once for all that want to get in at the same time', async () => {
    const [some, others] = [await users(3), await users(3)]
    await Promise.all([askAll(some, 'one'), askAll(others, 'other')])
    expect(bus.claims.length).toBeLessThan(6)
    expect(bus.held).toEqual(
      new Map([
        ['one', 3],
        ['other', 3],
      ]),
    )
  })

  it('leaves a refused connection usable', async () => {
    const all = await users(4)
    const answers = await askAll(all)
    const refused = all[answers.findIndex(({type}) => type === 'refused')]
    refused?.send({type: 'ping'})
    expect(await refused?.nextOf('pong')).toBeDefined()
    expect((await refused?.join('another'))?.members).toBe(1)
  })

  it.each([
    ['leaves', (user: TestUser) => user.send({type: 'leave', room: 'r'})],
    ['closes its connection', (user: TestUser) => user.socket.close()],
    ['is cut off', (user: TestUser) => user.close()],
  ])('has a seat free again when a member %s', async (_, go) => {
    const [first, second, third, fourth] = (await users(4)) as [TestUser, TestUser, TestUser, TestUser]
    await askAll([first, second, third])
    expect(admitted(await askAll([fourth]))).toBe(0)
    go(first)
    await seatsAre(2)
    expect(admitted(await askAll([fourth]))).toBe(1)
  })

  it('refuses newcomers while Redis does not answer, and tells it all seats when it does again', async () => {
    const [first, second] = (await users(2)) as [TestUser, TestUser]
    await askAll([first])
    bus.failure = new Error('gone')
    expect((await askAll([second]))[0]?.reason).toContain('Redis')
    bus.failure = undefined
    bus.held.clear()
    bus.events.restored()
    await seatsAre(1)
    expect(admitted(await askAll([second]))).toBe(1)
  })
})

describe('a defect of the cap', () => {
  it('no-room-cap: everybody gets in', async () => {
    await node.setDefects([parseDefect('no-room-cap')], 'seed')
    expect(admitted(await askAll(await users(8)))).toBe(8)
  })

  it("ungraceful-cap=drop: the newcomer's socket is cut without a code, and no member suffers", async () => {
    const [newcomer, ...members] = (await users(4)) as [TestUser, ...TestUser[]]
    await askAll(members)
    await node.setDefects([parseDefect('ungraceful-cap=drop')], 'seed')
    newcomer.send({type: 'join', room: 'r'})
    expect(await newcomer.closed).toBe(1006)
    expect(node.rooms.room('r')?.members.size).toBe(CAP)
  })

  it('ungraceful-cap=kill: a member is thrown out, and the newcomer is refused', async () => {
    const [newcomer, ...members] = (await users(4)) as [TestUser, ...TestUser[]]
    await askAll(members)
    await node.setDefects([parseDefect('ungraceful-cap=kill')], 'seed')
    expect((await askAll([newcomer]))[0]?.reason).toBe('room is full')
    expect(await Promise.race(members.map((member) => member.closed))).toBe(1006)
  })

  it('zombie-member: whoever closes keeps the seat, until the node is mended', async () => {
    const [first, second, third, fourth] = (await users(4)) as [TestUser, TestUser, TestUser, TestUser]
    await askAll([first, second, third])
    await node.setDefects([parseDefect('zombie-member')], 'seed')
    first.socket.close()
    await first.closed
    while (node.members.size > 3) await new Promise((resolve) => setImmediate(resolve))
    expect(admitted(await askAll([fourth]))).toBe(0)
    await node.setDefects([], 'seed')
    await seatsAre(2)
    expect(admitted(await askAll([fourth]))).toBe(1)
  })
})
