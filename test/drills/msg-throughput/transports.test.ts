/** Each transport against the real thing, as the drill uses it. */
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {msgThroughput} from '../../../src/lib/drills/msg-throughput/index.js'
import type {MsgThroughputInput} from '../../../src/lib/drills/msg-throughput/input.js'
import {startPractice, type PracticeTarget} from '../../../src/lib/targets/practice/practice.js'
import type {Target} from '../../../src/lib/targets/target.js'
import {driven} from '../driven.js'
import {littleThroughput} from './input.js'

let practice: PracticeTarget

beforeAll(async () => {
  practice = await startPractice({nodes: 2})
})
afterAll(async () => {
  await practice[Symbol.asyncDispose]()
})

const real = (): boolean => practice.services.redis.includes('server')
const UNHURRIED = ['p99(delivery_latency) < 10s', 'p95(publish_latency) < 10s', 'backlog_slope < 10000/s']

async function carried(changes: Partial<MsgThroughputInput>, urls?: readonly string[]) {
  const input = await littleThroughput({...(urls && {targets: urls}), ...changes})
  const plan = {...msgThroughput.plan(input), drain: {quietMs: 700, atMostMs: 10_000}}
  const target: Target = {...practice.target, ...(urls && {urls})}
  const {live} = {live: changes.transport !== 'postgres'}
  const rate = live ? 'delivery_rate >= 300/s' : 'publish_rate >= 300/s'
  const judged = await driven(msgThroughput, plan, {
    target,
    thresholds: [...(live ? UNHURRIED : UNHURRIED.slice(1, 2)), rate],
  })
  const {measurements, evidence} = judged.facts
  return {
    failed: judged.failed,
    counts: ['published', 'acked', 'delivered', 'lost'].map((name) => measurements.total(`messages_${name}`)),
    evidence,
    judged,
  }
}

/** 400/s for 2 s, and the 60 of the rise before. */
const ALL = 860

describe('msg-throughput carries every message', () => {
  it('by HTTP requests, to members who listen over WebSocket', async () => {
    const {failed, counts} = await carried({transport: 'http'})
    expect([failed, counts]).toEqual([[], [ALL, ALL, ALL, 0]])
  })

  it('to several members of each room', async () => {
    const {failed, counts} = await carried({transport: 'ws', fanout: 3})
    expect([failed, counts]).toEqual([[], [ALL, ALL, 3 * ALL, 0]])
  })

  it('over Redis channels', async () => {
    const {failed, counts} = await carried({transport: 'redis-pubsub'}, [practice.redisUrl])
    expect([failed, counts]).toEqual([[], [ALL, ALL, ALL, 0]])
  })

  it('over Redis streams, to two consumer groups, where the server is a real one', async () => {
    const running = carried({transport: 'redis-stream', fanout: 2}, [practice.redisUrl])
    if (!real()) {
      await expect(running).rejects.toThrow(/needs a real redis-server/)
      return
    }
    const {failed, counts, evidence} = await running
    expect([failed, counts]).toEqual([[], [ALL, ALL, 2 * ALL, 0]])
    expect(evidence).toMatchObject({leftBehind: [], server: expect.stringMatching(/^Redis /) as string})
  })

  it('into two Postgres shards in partitions, and reads all of it back', async () => {
    const {failed, counts, judged} = await carried({transport: 'postgres', partitions: 2}, practice.stores)
    expect([failed, counts]).toEqual([[], [ALL, ALL, ALL, 0]])
    expect(judged.facts.stores?.shards.reduce((sum, rows) => sum + rows, 0)).toBe(ALL)
    expect(judged.findings.map(({metric}) => metric)).toContain('partitions_missing')
  })

  it('up to the highest rate that was asked for', async () => {
    const plan = msgThroughput.plan(await littleThroughput({findMax: true, durationMs: 6000, rampMs: 200}))
    // A second does for what is asked here; whether a backlog grows takes longer.
    const short = {
      ...plan,
      ...(plan.search && {search: {...plan.search, stepMs: 1000}}),
      levelThresholds: ['messages_lost == 0', 'messages_duplicated == 0', 'delivery_rate > 1/s'],
      drain: {quietMs: 500, atMostMs: 5000},
    }
    const {facts, findings} = await driven(msgThroughput, short, {target: practice.target})
    expect(facts.levels?.map(({rate, outcome}) => [rate, outcome])).toEqual([
      [50, 'held'],
      [100, 'held'],
      [200, 'held'],
      [400, 'held'],
    ])
    expect(findings).toMatchObject([{metric: 'max_rate', observed: 400, verdict: 'pass'}])
  })
})

describe('msg-throughput that is interrupted', () => {
  it('judges what was sent until then, and leaves nothing behind', async () => {
    const input = await littleThroughput({transport: 'redis-pubsub', targets: [practice.redisUrl], durationMs: 60_000})
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), 1500)
    const plan = {...msgThroughput.plan(input), drain: {quietMs: 500, atMostMs: 5000}}
    const {facts, failed} = await driven(msgThroughput, plan, {
      target: {...practice.target, urls: [practice.redisUrl]},
      signal: stop.signal,
      thresholds: UNHURRIED,
    })
    clearTimeout(timer)
    // What the interrupt kept from being sent is nobody's fault.
    expect(failed).toEqual([])
    expect(facts.measurements.total('messages_delivered')).toBeGreaterThan(0)
    expect(facts.measurements.total('messages_delivered')).toBeLessThan(60_000)
  })
})
