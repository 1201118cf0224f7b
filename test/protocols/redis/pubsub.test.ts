/** Redis pub/sub keeps nothing: seats leave with their connection, and come back once they are subscribed again. */
import type {Redis} from 'ioredis'
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {pubsubCarrier} from '../../../src/lib/protocols/redis/pubsub-carrier.js'
import {redisSite} from '../../../src/lib/protocols/redis/redis-site.js'
import {realServers, startRedis, type RedisService} from '../../../src/lib/targets/embedded/redis.js'
import {Hearing, operatorOf, publishAgain, publishAll, shareOf, WITHIN_10_S} from './hearing.js'

describe.skipIf(realServers().length === 0)('redis-pubsub (needs redis-server)', () => {
  let service: RedisService
  let operator: Redis

  beforeAll(async () => {
    service = await startRedis()
    operator = await operatorOf(service.url)
  })
  afterAll(async () => {
    operator.disconnect()
    await service[Symbol.asyncDispose]()
  })

  test('the seats of a lost connection leave at once and enter again, and the others stay', async () => {
    const share = shareOf(service.url, {rooms: 4, publishers: 1, fanout: 1, consumers: 2})
    const hearing = new Hearing()
    await using carrier = pubsubCarrier(share, hearing)
    await carrier.open()
    const [victim = ''] = /^id=(\d+) .*sub=2 /m.exec(String(await operator.client('LIST')))?.slice(1) ?? []
    await operator.call('CLIENT', 'KILL', 'ID', victim)
    await vi.waitFor(() => expect(hearing.moves).toHaveLength(4), WITHIN_10_S)
    const seats = hearing.moves[0] === 'left 0' ? [0, 1] : [2, 3]
    expect(hearing.moves).toEqual([...seats.map((seat) => `left ${seat}`), ...seats.map((seat) => `entered ${seat}`)])
    expect(hearing.losses).toEqual(['closed'])
    const sent = publishAll(carrier, share, 5)
    await vi.waitFor(() => expect(hearing.arrivals).toHaveLength(sent), WITHIN_10_S)
  })

  test('while nobody is let in, seats stay away and each refusal is told', async () => {
    const hearing = new Hearing()
    await using carrier = pubsubCarrier(
      shareOf(service.url, {rooms: 1, publishers: 1, fanout: 1, consumers: 1}),
      hearing,
    )
    await carrier.open()
    const [, limit] = (await operator.config('GET', 'maxclients')) as string[]
    await operator.config('SET', 'maxclients', '1')
    await operator.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    // Its words are lost where the connection is reset before they are read.
    const refusals = () =>
      hearing.losses.filter((reason) => /^(ERR max number of clients reached|ECONNRESET|EPIPE|closed)$/.test(reason))
    await vi.waitFor(() => expect(refusals().length).toBeGreaterThan(3), WITHIN_10_S)
    expect(refusals()).toHaveLength(hearing.losses.length)
    expect(hearing.moves).toEqual(['left 0'])
    await operator.config('SET', 'maxclients', String(limit))
    await vi.waitFor(() => expect(hearing.moves).toEqual(['left 0', 'entered 0']), WITHIN_10_S)
    await publishAgain(carrier, 'again', 0)
    await vi.waitFor(() => expect(hearing.at(0)).toEqual(['again']), WITHIN_10_S)
  })

  test('a channel that somebody listens to is refused before anything is sent', async () => {
    const share = shareOf(service.url, {rooms: 3, publishers: 1, fanout: 1, consumers: 1})
    const stranger = await operatorOf(service.url)
    await stranger.subscribe(`proofload-${share.run}-2`)
    const site = redisSite('redis-pubsub', share, new Hearing())
    await expect(site.prepare()).rejects.toThrow(UsageError)
    stranger.disconnect()
    expect(await site.remove()).toEqual([])
  })

  test('its site makes nothing, and knows the server', async () => {
    const site = redisSite(
      'redis-pubsub',
      shareOf(service.url, {rooms: 3, publishers: 1, fanout: 1, consumers: 1}),
      new Hearing(),
    )
    await site.prepare()
    expect(site.server).toMatch(/^(Redis|Valkey) \d+\.\d+\.\d+$/)
    expect(await operator.keys('proofload-*')).toEqual([])
    expect(await site.depth?.()).toBeUndefined()
    expect(await site.remove()).toEqual([])
  })
})
