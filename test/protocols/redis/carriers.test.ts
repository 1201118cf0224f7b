/** Both Redis carriers against a server: everything comes out once and in order, and every message gets one honest answer. */
import {readFileSync} from 'node:fs'
import {once} from 'node:events'
import {connect, type AddressInfo} from 'node:net'
import {createServer} from 'node:tls'
import type {Redis} from 'ioredis'
import {afterAll, afterEach, beforeAll, describe, expect, test, vi} from 'vitest'
import {TargetError} from '../../../src/lib/base/errors.js'
import {redisSite} from '../../../src/lib/protocols/redis/redis-site.js'
import {freePort} from '../../../src/lib/targets/embedded/ports.js'
import {realServers, startRedis, type RedisService} from '../../../src/lib/targets/embedded/redis.js'
import {carrierOf, carriesAll, CARRIERS, endAll, ends, ONE, SPREAD} from './carrying.js'
import {Hearing, operatorOf, publishAgain, publishAll, shareOf, WITHIN_10_S} from './hearing.js'

const missing = realServers().length === 0

let service: RedisService
let operator: Redis

afterEach(endAll)

test('redis-pubsub on the in-process Redis: all comes out, in order', async () => {
  await using fallback = await startRedis({prefer: 'fallback'})
  await carriesAll('redis-pubsub', shareOf(fallback.url, SPREAD))
  await endAll()
})

test('redis-stream on the in-process Redis is refused: it needs a real one', async () => {
  await using fallback = await startRedis({prefer: 'fallback'})
  const site = redisSite('redis-stream', shareOf(fallback.url, ONE), new Hearing())
  const refused = site.prepare()
  await expect(refused).rejects.toThrow(TargetError)
  await expect(refused).rejects.toThrow('needs a real redis-server')
  await site.remove()
})

test.each(['redis-pubsub', 'redis-stream'] as const)(
  '%s to a port where nobody listens is a target error that names it',
  async (transport) => {
    const port = await freePort()
    const carrier = CARRIERS[transport](shareOf(`redis://user:hidden@127.0.0.1:${port}`, ONE), new Hearing())
    const refused = carrier.open()
    await expect(refused).rejects.toThrow(TargetError)
    await expect(refused).rejects.toThrow(new RegExp(`127.0.0.1:${port} cannot be used: .*ECONNREFUSED`))
    await carrier[Symbol.asyncDispose]()
  },
)

describe.skipIf(missing).each(['redis-pubsub', 'redis-stream'] as const)('%s (needs redis-server)', (transport) => {
  beforeAll(async () => {
    service = await startRedis()
    operator = await operatorOf(service.url)
  })
  afterAll(async () => {
    operator.disconnect()
    await service[Symbol.asyncDispose]()
  })

  test('all comes out at every seat, each sender in its order', () =>
    carriesAll(transport, shareOf(service.url, SPREAD)))

  test('more publishers than rooms, as one of two workers', async () => {
    const layout = {rooms: 4, publishers: 9, fanout: 1, consumers: 2}
    await carriesAll(transport, {...shareOf(service.url, layout)})
    const {carrier, hearing} = await carrierOf(transport, shareOf(service.url, layout, {rooms: {first: 2, end: 4}}))
    const sent = publishAll(carrier, shareOf(service.url, layout, {rooms: {first: 2, end: 4}}), 3)
    await vi.waitFor(() => expect(hearing.arrivals).toHaveLength(sent), WITHIN_10_S)
    expect(new Set(hearing.arrivals.map(({seat}) => seat))).toEqual(new Set([2, 3]))
  })

  test('a text keeps its bytes', async () => {
    const {carrier, hearing} = await carrierOf(transport, shareOf(service.url, ONE))
    const text = `\r\n$3\r\n${String.fromCharCode(0, 127, 128, 233, 255)}`
    carrier.publish({room: 0, voice: 0, ticket: 0, text})
    await vi.waitFor(() => expect(hearing.at(0)).toEqual([text]), WITHIN_10_S)
  })

  test('what was sent before the link was cut is unknown, and what comes after is not sent until the link is back', async () => {
    const {carrier, hearing} = await carrierOf(transport, shareOf(service.url, ONE))
    // Held, so that nothing is answered when the link is cut.
    await operator.call('CLIENT', 'PAUSE', '60000', 'WRITE')
    publishAll(carrier, shareOf(service.url, ONE), 10)
    await vi.waitFor(
      async () => expect(String(await operator.client('LIST'))).toMatch(/cmd=(publish|xadd)/),
      WITHIN_10_S,
    )
    await operator.call('CLIENT', 'KILL', 'TYPE', 'normal')
    await vi.waitFor(() => expect(hearing.answers).toHaveLength(10), WITHIN_10_S)
    expect(new Set(hearing.outcomes())).toEqual(new Set(['unknown closed']))
    expect(carrier.publish({room: 0, voice: 0, ticket: 10, text: 'too early'})).toBe(false)
    await operator.call('CLIENT', 'UNPAUSE')
    await publishAgain(carrier, 'after', 11)
    await vi.waitFor(() => expect(hearing.at(0).at(-1)).toBe('after'), WITHIN_10_S)
    expect(hearing.answers.at(-1)).toEqual({ticket: 11, outcome: 'accepted', reason: undefined})
    expect(hearing.answers).toHaveLength(11)
    expect(hearing.losses).toContain('closed')
  })

  test('what gets no answer in time is unknown, and the late answer is passed over', async () => {
    const {carrier, hearing} = await carrierOf(transport, shareOf(service.url, ONE, {timeoutMs: 300}))
    await operator.call('CLIENT', 'PAUSE', '60000', 'WRITE')
    publishAll(carrier, shareOf(service.url, ONE), 3)
    await vi.waitFor(() => expect(hearing.outcomes()).toEqual(Array(3).fill('unknown timeout')), WITHIN_10_S)
    await operator.call('CLIENT', 'UNPAUSE')
    await publishAgain(carrier, 'after', 3)
    await vi.waitFor(() => expect(hearing.at(0)).toContain('after'), WITHIN_10_S)
    await vi.waitFor(() => expect(hearing.outcomes().at(-1)).toBe('accepted'), WITHIN_10_S)
    expect(hearing.answers.map(({ticket}) => ticket)).toEqual([0, 1, 2, 3])
  })

  test('there is room for 16,384 unanswered messages; when it ends they are unknown', async () => {
    const {carrier, hearing} = await carrierOf(transport, shareOf(service.url, ONE))
    await operator.call('CLIENT', 'PAUSE', '60000', 'WRITE')
    const taken = Array.from({length: 16_400}, (_, ticket) => carrier.publish({room: 0, voice: 0, ticket, text: 'x'}))
    expect(taken.filter(Boolean)).toHaveLength(16_384)
    await vi.waitFor(
      async () => expect(String(await operator.client('LIST'))).toMatch(/cmd=(publish|xadd)/),
      WITHIN_10_S,
    )
    await carrier[Symbol.asyncDispose]()
    await operator.call('CLIENT', 'UNPAUSE')
    expect(hearing.answers).toHaveLength(16_384)
    expect(new Set(hearing.outcomes())).toEqual(new Set(['unknown closed']))
  })

  test('what was never sent when it ends has failed', async () => {
    const {carrier, hearing} = await carrierOf(transport, shareOf(service.url, ONE))
    carrier.publish({room: 0, voice: 0, ticket: 0, text: 'x'})
    await carrier[Symbol.asyncDispose]()
    expect(hearing.outcomes()).toEqual(['failed not sent'])
  })

  test('it ends also while the server is gone', async () => {
    const other = await startRedis()
    const {carrier, hearing} = await carrierOf(transport, shareOf(other.url, ONE))
    await other[Symbol.asyncDispose]()
    await vi.waitFor(() => expect(hearing.losses).toContain('ECONNREFUSED'), WITHIN_10_S)
    await carrier[Symbol.asyncDispose]()
  })

  test('a user of the access list, a database and TLS work', async () => {
    await operator.call('ACL', 'SETUSER', 'carrier', 'on', '>p@ss', 'allkeys', 'allchannels', '+@all')
    const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8')
    const front = createServer({cert: pem('server.pem'), key: pem('server.key')}, (socket) => {
      const back = connect(service.port, '127.0.0.1')
      for (const side of [socket, back]) side.on('error', () => undefined)
      socket.on('close', () => back.destroy())
      back.on('close', () => socket.destroy())
      socket.pipe(back).pipe(socket)
    }).listen(0, '127.0.0.1')
    await once(front, 'listening')
    ends.push(() => once(front.close(), 'close'))
    const url = `rediss://carrier:p%40ss@localhost:${(front.address() as AddressInfo).port}/3`
    await carriesAll(transport, shareOf(url, SPREAD, {tls: {ca: pem('ca.pem'), insecure: false}}))
    const strange = CARRIERS[transport](shareOf(url, ONE), new Hearing())
    await expect(strange.open()).rejects.toThrow(TargetError)
    const wrong = shareOf(url.replace('p%40ss', 'hidden'), ONE, {tls: {insecure: true}})
    await expect(CARRIERS[transport](wrong, new Hearing()).open()).rejects.toThrow(/WRONGPASS/)
  })
})
