import {once} from 'node:events'
import type {Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {WebSocket} from 'ws'
import {LeapingClock} from '../../../src/lib/base/clock.js'
import {ChatNode} from '../../../src/lib/targets/practice/chat-node.js'
import {HOLD_MS, MAX_PENDING_MESSAGES} from '../../../src/lib/targets/practice/limits.js'
import {listen} from '../../../src/lib/targets/practice/server.js'
import {StoreAway} from '../../../src/lib/targets/practice/store.js'
import {Shards} from '../../../src/lib/targets/practice/shards.js'
import {MemoryBus, MemoryStore} from './memory-parts.js'
import {TestUser} from './test-user.js'

let node: ChatNode
let server: Server
let bus: MemoryBus
let store: MemoryStore
let clock: LeapingClock
let url: string

beforeEach(async () => {
  store = new MemoryStore()
  clock = new LeapingClock()
  node = await ChatNode.open({
    index: 0,
    shards: new Shards([store]),
    clock,
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

async function membersOf(room: string, ...names: string[]): Promise<TestUser[]> {
  const users = await Promise.all(names.map((name) => TestUser.connect(url, name)))
  for (const user of users) await user.join(room)
  return users
}

describe('a room', () => {
  it('is subscribed once, says how many are in it, and is joined twice without harm', async () => {
    const [ann, bob] = (await membersOf('r', 'ann', 'bob')) as [TestUser, TestUser]
    expect((await ann.join('r')).members).toBe(2)
    ann.publish('r', 1)
    await bob.nextOf('message')
    expect(bob.bodies('r')).toEqual(['body 1'])
    expect(bus.calls).toEqual(['subscribe room:r'])
  })

  it('is not answered for when Redis does not confirm it, and can be joined later', async () => {
    const ann = await TestUser.connect(url, 'ann')
    bus.failure = new Error('gone')
    ann.send({type: 'join', room: 'r'})
    expect((await ann.nextOf('refused')).reason).toContain('Redis')
    bus.failure = undefined
    await ann.join('r')
  })

  it('is left by who leaves: no message comes any more, and none can be sent', async () => {
    const [ann, bob] = (await membersOf('r', 'ann', 'bob')) as [TestUser, TestUser]
    bob.send({type: 'leave', room: 'r'})
    await bob.nextOf('left')
    ann.publish('r', 1)
    await ann.nextOf('ack')
    bob.publish('r', 1)
    expect(await bob.nextOf('refused')).toMatchObject({id: 1, reason: 'not a member of the room'})
    expect(bob.bodies('r')).toEqual([])
  })

  it('stays subscribed for a while after the last one left, and is then given up', async () => {
    const [ann] = (await membersOf('r', 'ann')) as [TestUser]
    ann.send({type: 'leave', room: 'r'})
    await ann.nextOf('left')
    await clock.advance(4900)
    await node.rooms.sweep()
    expect(bus.channels).toContain('room:r')
    await clock.advance(200)
    await node.rooms.sweep()
    expect(bus.channels).not.toContain('room:r')
    await ann.join('r')
    expect(bus.channels).toContain('room:r')
  })
})

describe('a message', () => {
  it('that is not stored is refused, and nobody hears it', async () => {
    const [ann, bob] = (await membersOf('r', 'ann', 'bob')) as [TestUser, TestUser]
    store.failure = new Error('disk full')
    ann.publish('r', 1)
    expect(await ann.nextOf('refused')).toMatchObject({id: 1, reason: 'not stored: disk full'})
    store.failure = undefined
    ann.publish('r', 2)
    await bob.nextOf('message')
    expect(bob.bodies('r')).toEqual(['body 2'])
  })

  it('that Redis does not take is acked, since it is stored, and comes once when Redis is back', async () => {
    const [ann] = (await membersOf('r', 'ann')) as [TestUser]
    bus.failure = new Error('no link')
    ann.publish('r', 1)
    await ann.nextOf('ack')
    expect(ann.bodies('r')).toEqual([])
    bus.failure = undefined
    bus.events.sendable()
    ann.publish('r', 2)
    await ann.next(({body}) => body === 'body 2')
    expect(ann.bodies('r')).toEqual(['body 1', 'body 2'])
  })

  it('that comes twice from Redis goes to each member once', async () => {
    const [ann] = (await membersOf('r', 'ann')) as [TestUser]
    for (const id of [7, 7, 8]) {
      bus.events.message('room:r', Buffer.from(`{"type":"message","room":"r","from":"x","id":${id},"body":"${id}"}`))
    }
    await ann.next(({body}) => body === '8')
    expect(ann.bodies('r')).toEqual(['7', '8'])
  })

  it('is held while the store is away, and stored once though the first answer got lost', async () => {
    const [ann] = (await membersOf('r', 'ann')) as [TestUser]
    store.failureAfter = new StoreAway('cut off', false, undefined)
    ann.publish('r', 1)
    ann.publish('r', 2)
    await vi.waitFor(() => expect(store.batches).toHaveLength(1))
    await clock.advance(HOLD_MS + 1000)
    expect(node.publishing.storeAway).toBe(true)
    store.failureAfter = undefined
    await clock.advance(1000)
    await ann.next(({type, id}) => type === 'ack' && id === 2)
    expect(store.rows.map(({body}) => body)).toEqual(['body 1', 'body 2'])
    expect(ann.frames.filter(({type}) => type === 'refused')).toEqual([])
  })

  it('is refused after ten seconds, when it is certain that it is not stored', async () => {
    const [ann] = (await membersOf('r', 'ann')) as [TestUser]
    store.failure = new StoreAway('gone', true, undefined)
    ann.publish('r', 1)
    await vi.waitFor(() => expect(node.counts.storeRetries).toBe(1))
    await clock.advance(HOLD_MS - 1000)
    expect(ann.frames.filter(({type}) => type === 'refused')).toEqual([])
    await clock.advance(2000)
    expect(await ann.nextOf('refused')).toMatchObject({id: 1, reason: 'not stored: gone'})
  })

  it('waits for the insert before it, together with all that come meanwhile', async () => {
    const [ann] = (await membersOf('r', 'ann')) as [TestUser]
    for (let id = 0; id < 100; id++) ann.publish('r', id)
    await ann.next((frame) => frame.type === 'ack' && frame.id === 99)
    expect(store.batches.length).toBeLessThan(100)
    expect(ann.frames.filter((frame) => frame.type === 'ack').map((frame) => frame.id)).toEqual([...Array(100).keys()])
  })
})

describe('a slow receiver', () => {
  it('is closed with 1013 once a mebibyte waits for it', async () => {
    const [slow] = (await membersOf('r', 'slow')) as [TestUser]
    const [member] = node.members
    if (member === undefined) throw new Error('nobody is here')
    slow.socket.pause()
    for (let id = 1; member.isOpen(); id++) {
      const text = `{"type":"message","room":"r","from":"x","id":${id},"body":"${'x'.repeat(60_000)}"}`
      bus.events.message('room:r', Buffer.from(text))
      await new Promise((resolve) => setImmediate(resolve))
    }
    slow.socket.resume()
    expect(await slow.closed).toBe(1013)
    expect(node.counts.slowConsumersClosed).toBe(1)
  })
})

describe('nonsense', () => {
  it.each(['{', 'null', '{"type":"shout","room":"r"}'])(
    '%s is answered with an error, and the connection lives on',
    async (text) => {
      const ann = await TestUser.connect(url, 'ann')
      ann.send(text)
      await ann.nextOf('error')
      ann.send({type: 'ping'})
      await ann.nextOf('pong')
    },
  )

  it('in binary is answered with an error', async () => {
    const ann = await TestUser.connect(url, 'ann')
    ann.socket.send(Buffer.from([1, 2, 3]))
    expect((await ann.nextOf('error')).reason).toBe('text frames only')
  })

  it('of more than 64 KiB closes the connection with 1009', async () => {
    const ann = await TestUser.connect(url, 'ann')
    ann.send('x'.repeat(64 * 1024 + 1))
    expect(await ann.closed).toBe(1009)
    expect(node.counts.protocolErrors).toBe(1)
    expect(node.members.size).toBe(0)
  })

  it.each([
    ['another path', '/chat?user=ann', 404],
    ['no user', '/ws', 400],
    ['an empty user', '/ws?user=', 400],
  ])('in the handshake is refused: %s', async (_, path, status) => {
    await expect(once(new WebSocket(url + path), 'open')).rejects.toThrow(`Unexpected server response: ${status}`)
  })
})

describe('over HTTP', () => {
  const http = () => url.replace('ws:', 'http:')

  it('a node whose store fails is degraded and says why', async () => {
    store.failure = new Error('disk full')
    const response = await fetch(`${http()}/health`)
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({status: 'degraded', redis: 'ok', postgres: 'disk full'})
    expect((await fetch(`${http()}/rooms/r/messages`)).status).toBe(503)
  })

  it('history comes oldest first, after an id, up to a limit', async () => {
    const [ann] = (await membersOf('r ü', 'ann')) as [TestUser]
    for (let id = 0; id < 5; id++) ann.publish('r ü', id)
    await ann.next((frame) => frame.type === 'ack' && frame.id === 4)
    const response = await fetch(`${http()}/rooms/${encodeURIComponent('r ü')}/messages?after=1&limit=2`)
    const {messages} = (await response.json()) as {messages: {body: string}[]}
    expect(messages.map((message) => message.body)).toEqual(['body 1', 'body 2'])
  })

  it.each([
    ['GET', '/nothing', 404],
    ['POST', '/health', 404],
    ['GET', '/rooms/r/messages?limit=0', 400],
    ['GET', '/rooms/r/messages?after=-1', 400],
    ['GET', '/rooms/%E0%A4%A/messages', 400],
    ['GET', '//', 404],
  ])('%s %s is answered with %i and a reason in JSON', async (method, path, status) => {
    const response = await fetch(`${http()}${path}`, {method})
    expect(response.status).toBe(status)
    expect(await response.json()).toHaveProperty('error')
  })

  it('a room can be heard as an event stream, by who has a seat in it', async () => {
    const ending = new AbortController()
    const response = await fetch(`${http()}/rooms/r/events?user=bob`, {signal: ending.signal})
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    const [ann] = (await membersOf('r', 'ann')) as [TestUser]
    ann.publish('r', 1, 'line\nbreak')
    let heard = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      heard += chunk
      if (heard.endsWith('\n\n')) break
    }
    expect(heard).toBe(`data: {"type":"message","room":"r","from":"ann","id":1,"body":"line\\nbreak"}\n\n`)
    ending.abort()
    await vi.waitFor(() => expect(node.members.size).toBe(1))
  })

  it.each([
    ['nobody', '/rooms/r/events', 400],
    ['a room without a valid name', '/rooms/%E0%A4%A/events?user=bob', 400],
  ])('an event stream for %s is refused', async (_, path, status) => {
    expect((await fetch(http() + path)).status).toBe(status)
  })

  it('an event stream of a room that cannot be heard is refused with the reason', async () => {
    bus.failure = new Error('gone')
    const response = await fetch(`${http()}/rooms/r/events?user=bob`)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({type: 'refused', reason: expect.stringContaining('Redis') as string})
  })

  async function post(body: string, query = '', room = 'r') {
    const response = await fetch(`${http()}/rooms/${room}/messages${query}`, {method: 'POST', body})
    return {status: response.status, answer: (await response.json()) as {message?: number; error?: string}}
  }

  it('a message is stored, brought to the members, and confirmed with its id; its author need not be one of them', async () => {
    const [ann] = (await membersOf('r', 'ann')) as [TestUser]
    expect(await post('{"from":"bob","body":"one"}')).toEqual({status: 200, answer: {message: 1}})
    expect(await post('{"from":"bob","body":"two"}', '?user=cid')).toEqual({status: 200, answer: {message: 2}})
    await ann.next(({body}) => body === 'two')
    expect(ann.frames.filter(({type}) => type === 'message').map(({from, id}) => [from, id])).toEqual([
      ['bob', 1],
      ['cid', 2],
    ])
    expect(store.rows.map(({from, body}) => [from, body])).toEqual([
      ['bob', 'one'],
      ['cid', 'two'],
    ])
  })

  it.each([
    ['no JSON', '{', 400],
    ['no author', '{"body":"x"}', 400],
    ['no text', '{"from":"ann","body":7}', 400],
    ['NUL in its text', '{"from":"ann","body":"\\u0000"}', 400],
    ['64 KiB and more', JSON.stringify({from: 'ann', body: 'x'.repeat(64 * 1024)}), 413],
  ])('a message with %s is refused, and nothing is stored', async (_, body, status) => {
    expect(await post(body)).toMatchObject({status, answer: {error: expect.any(String) as string}})
    expect(store.rows).toEqual([])
  })

  it('a message that is not stored is answered with 503 and the reason', async () => {
    store.failure = new Error('disk full')
    expect(await post('{"from":"ann","body":"x"}')).toEqual({status: 503, answer: {error: 'not stored: disk full'}})
  })

  it('a message is answered with 429 when too many wait', async () => {
    store.failureAfter = new StoreAway('cut off', false, undefined)
    const author = {user: 'ann', acked: () => undefined, refused: () => undefined}
    for (let id = 0; id < 2 * MAX_PENDING_MESSAGES; id++) node.publishing.accept({author, room: 'r', id, body: 'x'})
    expect(await post('{"from":"ann","body":"x"}')).toEqual({status: 429, answer: {error: 'too busy'}})
  })

  it.each([
    ['no JSON', '{'],
    ['a wrong key', '{"defect":[]}'],
    ['an unknown defect', '{"defects":[{"name":"lose-everything","value":"1%"}]}'],
  ])('defects with %s are refused', async (_, body) => {
    expect((await fetch(`${http()}/defects`, {method: 'PUT', body})).status).toBe(400)
  })
})
