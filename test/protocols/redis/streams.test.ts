/** Redis streams keep what is not acknowledged: it comes again, nothing that a group needs is trimmed, and nothing is left behind. */
import type {Redis} from 'ioredis'
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import type {CarrierShare} from '../../../src/lib/protocols/messaging/carrier.js'
import {redisSite} from '../../../src/lib/protocols/redis/redis-site.js'
import {streamCarrier} from '../../../src/lib/protocols/redis/stream-carrier.js'
import {Trimmer} from '../../../src/lib/protocols/redis/trimmer.js'
import {realServers, startRedis, type RedisService} from '../../../src/lib/targets/embedded/redis.js'
import {ONE} from './carrying.js'
import {Hearing, operatorOf, publishAgain, publishAll, saidBy, shareOf, WITHIN_10_S} from './hearing.js'

describe.skipIf(realServers().length === 0)('redis-stream (needs redis-server)', () => {
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

  async function prepared(share: CarrierShare) {
    const site = redisSite('redis-stream', share, new Hearing())
    await site.prepare()
    return site
  }

  const keyOf = ({run}: CarrierShare, room = 0) => `proofload-${run}-${room}`

  test('what a consumer that went away had not acknowledged comes again, marked so, before anything new', async () => {
    const share = shareOf(service.url, ONE)
    const site = await prepared(share)
    const first = new Hearing()
    const before = streamCarrier(share, first)
    await before.open()
    // Goes away between reading and acknowledging.
    const gone = new Promise<void>((resolve) => {
      first.onArrival = () => void before[Symbol.asyncDispose]().then(resolve)
    })
    publishAll(before, share, 5)
    await gone
    const heard = first.at(0).length
    expect(heard).toBeGreaterThan(0)
    const kept = await operator.xlen(keyOf(share))
    await operator.xadd(keyOf(share), '*', 'm', 'new')
    const second = new Hearing()
    await using after = streamCarrier(share, second)
    await after.open()
    await vi.waitFor(() => expect(second.at(0).at(-1)).toBe('new'), WITHIN_10_S)
    expect(second.at(0)).toEqual([...saidBy(0, 0, kept), 'new'])
    expect(second.arrivals.filter(({again}) => again).map(({text}) => text)).toEqual(saidBy(0, 0, heard))
    expect(await site.remove()).toEqual([])
  })

  test('what is pending when the connection is killed comes again over the next one', async () => {
    const share = shareOf(service.url, ONE)
    const site = await prepared(share)
    const hearing = new Hearing()
    await using carrier = streamCarrier(share, hearing)
    await carrier.open()
    publishAll(carrier, share, 3)
    await vi.waitFor(() => expect(hearing.at(0)).toEqual(saidBy(0, 0, 3)), WITHIN_10_S)
    await vi.waitFor(async () => expect(await site.depth?.()).toBe(0), WITHIN_10_S)
    // As if its acknowledgement had got lost: the entry is handed to the consumer once more, and nobody reads that.
    const [, last] = await operator.xrange(keyOf(share), '-', '+')
    await operator.xclaim(keyOf(share), 'seat-0', 'consumer-0', 0, String(last?.[0]), 'FORCE')
    await operator.call('CLIENT', 'KILL', 'TYPE', 'normal')
    await vi.waitFor(
      () => expect(hearing.arrivals.at(-1)).toEqual({seat: 0, text: saidBy(0, 0, 3)[1], again: true}),
      WITHIN_10_S,
    )
    await vi.waitFor(async () => expect(await site.depth?.()).toBe(0), WITHIN_10_S)
    await publishAgain(carrier, 'after', 3)
    await vi.waitFor(() => expect(hearing.arrivals.at(-1)).toEqual({seat: 0, text: 'after', again: false}), WITHIN_10_S)
    expect(hearing.arrivals).toHaveLength(5)
    // Also what an old connection is handed after that is found: it is looked for every so often from now on.
    const entry = await operator.xadd(keyOf(share), '*', 'm', 'late')
    await vi.waitFor(() => expect(hearing.at(0).at(-1)).toBe('late'), WITHIN_10_S)
    await vi.waitFor(async () => expect(await site.depth?.()).toBe(0), WITHIN_10_S)
    await operator.xclaim(keyOf(share), 'seat-0', 'consumer-0', 0, String(entry), 'FORCE')
    await vi.waitFor(() => expect(hearing.arrivals.at(-1)).toEqual({seat: 0, text: 'late', again: true}), WITHIN_10_S)
    await site.remove()
  })

  test('over a cut link nothing that was accepted is lost, and nothing that is told as new comes twice', async () => {
    const share = shareOf(service.url, {rooms: 3, publishers: 3, fanout: 2, consumers: 3})
    const site = await prepared(share)
    const hearing = new Hearing()
    await using carrier = streamCarrier(share, hearing)
    await carrier.open()
    let ticket = 0
    const texts = new Map<number, string>()
    const publish = (): void => {
      for (let room = 0; room < 3; room++, ticket++) {
        const text = `message ${ticket} of room ${room}`
        if (carrier.publish({room, voice: room, ticket, text})) texts.set(ticket, text)
      }
    }
    for (let cut = 0; cut < 3; cut++) {
      for (let turn = 0; turn < 50; turn++) {
        publish()
        await new Promise((resolve) => setImmediate(resolve))
      }
      await operator.call('CLIENT', 'KILL', 'TYPE', 'normal')
      await vi.waitFor(() => expect(hearing.answers).toHaveLength(texts.size), WITHIN_10_S)
      await publishAgain(carrier, 'between', -1 - cut)
      texts.set(-1 - cut, 'between')
    }
    await vi.waitFor(() => expect(hearing.answers).toHaveLength(texts.size), WITHIN_10_S)
    await vi.waitFor(async () => expect(await site.depth?.()).toBe(0), WITHIN_10_S)
    const accepted = hearing.answers.filter(({outcome, ticket}) => outcome === 'accepted' && ticket >= 0)
    expect(accepted.length).toBeGreaterThan(0)
    for (const place of [0, 1]) {
      for (const {ticket} of accepted) expect(hearing.at((ticket % 3) * 2 + place)).toContain(texts.get(ticket))
    }
    const news = hearing.arrivals
      .filter(({again, text}) => !again && text !== 'between')
      .map(({seat, text}) => `${seat} ${text}`)
    expect(new Set(news).size).toBe(news.length)
    await site.remove()
  })

  test('a server that comes back empty gets its groups again', async () => {
    const share = shareOf(service.url, ONE)
    const site = await prepared(share)
    const hearing = new Hearing()
    await using carrier = streamCarrier(share, hearing)
    await carrier.open()
    await operator.flushall()
    await vi.waitFor(() => expect(hearing.losses).toContain('NOGROUP'), WITHIN_10_S)
    await publishAgain(carrier, 'after', 0)
    await vi.waitFor(() => expect(hearing.at(0)).toEqual(['after']), WITHIN_10_S)
    await site.remove()
  })

  test('a server that is full refuses, and says why', async () => {
    const share = shareOf(service.url, ONE)
    const site = await prepared(share)
    const hearing = new Hearing()
    await using carrier = streamCarrier(share, hearing)
    await carrier.open()
    await operator.config('SET', 'maxmemory', '1')
    publishAll(carrier, share, 2)
    await vi.waitFor(() => expect(hearing.outcomes()).toEqual(['failed OOM', 'failed OOM']), WITHIN_10_S)
    await operator.config('SET', 'maxmemory', '0')
    await site.remove()
  })

  test('trimming takes out what all groups have acknowledged, and never anything else', async () => {
    const share = shareOf(service.url, {rooms: 1, publishers: 1, fanout: 2, consumers: 2})
    const site = await prepared(share)
    const key = keyOf(share)
    const batch = operator.pipeline()
    for (let number = 0; number < 2000; number++) batch.xadd(key, '*', 'm', `message ${number}`)
    const ids = ((await batch.exec()) ?? []).map(([, id]) => String(id))
    const read = (place: number, count: number) =>
      operator.xreadgroup('GROUP', `seat-${place}`, `consumer-${place}`, 'COUNT', count, 'STREAMS', key, '>')
    const trimmer = new Trimmer(share, new Hearing())
    await trimmer.open()
    const first = async () => {
      await trimmer.trim([key])
      return ids.indexOf(String((await operator.xrange(key, '-', '+', 'COUNT', 1))[0]?.[0]))
    }
    await read(0, 2000)
    await operator.xack(key, 'seat-0', ...ids)
    expect(await first(), 'the other group has read nothing').toBe(0)
    await read(1, 1500)
    await operator.xack(key, 'seat-1', ...ids.slice(0, 700), ...ids.slice(701, 1500))
    const kept = await first()
    expect(kept, 'one of the middle is pending').toBeLessThanOrEqual(700)
    expect(kept).toBeGreaterThan(500)
    await operator.xack(key, 'seat-1', ids[700] ?? '')
    const later = await first()
    expect(later, 'a quarter was not read').toBeLessThanOrEqual(1500)
    expect(later).toBeGreaterThan(1300)
    await trimmer.close()
    await site.remove()
  })

  test('a long run keeps only the newest entries', async () => {
    const share = shareOf(service.url, ONE)
    const site = await prepared(share)
    const hearing = new Hearing()
    await using carrier = streamCarrier(share, hearing)
    await carrier.open()
    publishAll(carrier, share, 5000)
    await vi.waitFor(() => expect(hearing.arrivals).toHaveLength(5000), WITHIN_10_S)
    expect(hearing.at(0)).toEqual(saidBy(0, 0, 5000))
    await vi.waitFor(async () => expect(await operator.xlen(keyOf(share))).toBeLessThan(200), WITHIN_10_S)
    expect(await site.depth?.()).toBe(0)
    await site.remove()
  })

  test('its site tells what waits, and leaves nothing behind but what is not ours', async () => {
    const share = shareOf(service.url, {rooms: 3, publishers: 1, fanout: 2, consumers: 1})
    await operator.set('proofload-other', 'kept')
    const site = await prepared(share)
    expect(site.server).toMatch(/^(Redis|Valkey) \d/)
    expect(await operator.keys(`proofload-${share.run}-*`)).toHaveLength(3)
    expect(await site.depth?.()).toBe(0)
    await operator.xadd(keyOf(share, 1), '*', 'm', 'waits')
    expect(await site.depth?.()).toBe(2)
    await operator.xreadgroup('GROUP', 'seat-0', 'consumer-0', 'STREAMS', keyOf(share, 1), '>')
    expect(await site.depth?.(), 'read and not acknowledged').toBe(2)
    expect(await site.remove()).toEqual([])
    expect(await operator.keys('proofload-*')).toEqual(['proofload-other'])
    await operator.unlink('proofload-other')
  })

  test('a key of that name is refused and stays', async () => {
    const share = shareOf(service.url, {rooms: 3, publishers: 1, fanout: 1, consumers: 1})
    await operator.set(keyOf(share, 2), 'not ours')
    const site = redisSite('redis-stream', share, new Hearing())
    const refused = site.prepare()
    await expect(refused).rejects.toThrow(UsageError)
    await expect(refused).rejects.toThrow(keyOf(share, 2))
    expect(await site.remove()).toEqual([])
    expect(await operator.keys(`proofload-${share.run}-*`)).toEqual([keyOf(share, 2)])
    await operator.unlink(keyOf(share, 2))
  })

  test('what cannot be removed is named', async () => {
    const other = await startRedis()
    const share = shareOf(other.url, {rooms: 3, publishers: 1, fanout: 1, consumers: 1})
    const site = await prepared(share)
    await other[Symbol.asyncDispose]()
    expect(await site.depth?.()).toBeUndefined()
    const left = await site.remove()
    expect(left).toHaveLength(1)
    expect(left[0]).toMatch(
      new RegExp(`^3 streams, ${keyOf(share)} … ${keyOf(share, 2)}, .*:${other.port} \\(ECONNREFUSED\\)`),
    )
  })
})
