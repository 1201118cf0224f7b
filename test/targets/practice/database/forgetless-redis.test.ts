import {Redis} from 'ioredis'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {startRedis, type RedisService} from '../../../../src/lib/targets/embedded/redis.js'
import {startForgetlessRedis, type Relay} from '../../../../src/lib/targets/practice/database/forgetless-redis.js'
import {RequestCutter, requestOf} from '../../../../src/lib/targets/practice/database/requests-of-redis.js'

let redis: RedisService
let relay: Relay
let direct: Redis
let relayed: Redis

beforeAll(async () => {
  redis = await startRedis()
  relay = await startForgetlessRedis(redis.url, 1, 'seed')
  ;[direct, relayed] = [new Redis(redis.url), new Redis(relay.url)]
})

afterAll(async () => {
  direct.disconnect()
  relayed.disconnect()
  await relay[Symbol.asyncDispose]()
  await redis[Symbol.asyncDispose]()
})

describe('a Redis that keeps what it is told to delete', () => {
  it('answers as if it had, and still has it', async () => {
    await relayed.set('key', 'old')
    expect(await relayed.del('key', 'nobody')).toBe(1)
    expect(await relayed.get('key')).toBe('old')
    expect(await direct.get('key')).toBe('old')
  })

  it('does everything else as a good one', async () => {
    const large = 'x'.repeat(300_000)
    await Promise.all([relayed.set('a', large), relayed.set('b', 'two')])
    expect(await relayed.mget('a', 'b')).toEqual([large, 'two'])
  })
})

describe('what a client sends', () => {
  it('is cut into the same requests wherever the chunks end', () => {
    const requests = [['SET', 'key', 'a\r\nb'], ['del', 'key'], ['PING']]
    const bytes = Buffer.concat([...requests.map(requestOf), Buffer.from('PING\r\n')])
    for (let size = 1; size <= bytes.length; size++) {
      const cutter = new RequestCutter()
      const cut = []
      for (let at = 0; at < bytes.length; at += size) cut.push(...cutter.add(bytes.subarray(at, at + size)))
      expect(cut.map(({words}) => words.map(String))).toEqual([...requests, []])
      expect(Buffer.concat(cut.map((request) => request.bytes))).toEqual(bytes)
    }
  })
})
