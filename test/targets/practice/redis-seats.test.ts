/** Seats in a real Redis and in the one inside proofload: never more than the cap, however many nodes ask at once, and none lost for good. */
import {Redis} from 'ioredis'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import {seededRandom} from '../../../src/lib/base/random.js'
import {startRedis} from '../../../src/lib/targets/embedded/redis.js'
import type {Bus} from '../../../src/lib/targets/practice/bus.js'
import {connectRedisBus} from '../../../src/lib/targets/practice/redis-bus.js'

const CAP = 100
const nothing = () => undefined
const events = {message: nothing, lost: nothing, restored: nothing, muted: nothing, sendable: nothing}

describe.each(['real', 'fallback'] as const)('seats in the %s Redis', (prefer) => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  let direct: Redis
  let nodes: Bus[] = []

  beforeAll(async () => {
    redis = await startRedis({prefer})
    direct = new Redis(redis.url)
  })
  afterEach(async () => {
    for (const node of nodes) node.close()
    nodes = []
    await direct.flushall()
  })
  afterAll(async () => {
    direct.disconnect()
    await redis[Symbol.asyncDispose]()
  })

  async function newNode(): Promise<Bus> {
    const node = await connectRedisBus(redis.url, events, seededRandom('seed'))
    nodes.push(node)
    return node
  }

  async function claim(node: Bus, held: number, wanted: number): Promise<number> {
    const [got] = await node.claimSeats([{room: 'r', held, wanted}], CAP)
    return got ?? NaN
  }

  it('go to as many as the cap says, when all nodes ask at the same time', async () => {
    const asking = await Promise.all([newNode(), newNode(), newNode()])
    let seated = 0
    const fill = async (node: Bus): Promise<void> => {
      let held = 0
      for (let round = 0; round < 20; round++) held += await claim(node, held, 7)
      seated += held
    }
    await Promise.all(asking.map(fill))
    expect(seated).toBe(CAP)
  })

  it('are counted for each room by itself', async () => {
    const node = await newNode()
    const claims = Array.from({length: 1200}, (_, n) => ({room: `r${n}`, held: 0, wanted: n % 2 === 0 ? 150 : 3}))
    const got = await node.claimSeats(claims, CAP)
    expect(got).toEqual(claims.map(({wanted}) => Math.min(wanted, CAP)))
  })

  it('said twice are taken once', async () => {
    const [one, other] = await Promise.all([newNode(), newNode()])
    expect(await claim(one, 0, 60)).toBe(60)
    expect(await claim(one, 60, 0)).toBe(0)
    expect(await claim(one, 60, 0)).toBe(0)
    expect(await claim(other, 0, 60)).toBe(40)
  })

  it('that were given back can be had, and an empty room leaves nothing behind', async () => {
    const [one, other] = await Promise.all([newNode(), newNode()])
    await claim(one, 0, 100)
    expect(await claim(other, 0, 1)).toBe(0)
    await claim(one, 99, 0)
    expect(await claim(other, 0, 5)).toBe(1)
    await claim(one, 0, 0)
    await claim(other, 0, 0)
    expect(await direct.keys('practice:seats:*')).toEqual([])
  })

  it('of a node that gives no sign of life are free when they are needed', async () => {
    const [dying, living] = await Promise.all([newNode(), newNode()])
    await claim(dying, 0, 100)
    const [sign] = await direct.keys('practice:alive:*')
    expect(await claim(living, 0, 10)).toBe(0)
    // What its time limit does when a killed node no longer renews it.
    expect(await direct.pttl(sign ?? '')).toBeGreaterThan(0)
    await direct.del(sign ?? '')
    expect(await claim(living, 0, 10)).toBe(10)
  })

  it('of a node that was closed in order are free at once', async () => {
    const [closing, living] = await Promise.all([newNode(), newNode()])
    await claim(closing, 0, 100)
    closing.close()
    while ((await direct.keys('practice:alive:*')).length > 0) await new Promise((resolve) => setImmediate(resolve))
    expect(await claim(living, 0, 10)).toBe(10)
  })
})
