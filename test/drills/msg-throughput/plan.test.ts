import {describe, expect, test} from 'vitest'
import type {MsgThroughputInput} from '../../../src/lib/drills/msg-throughput/input.js'
import {plan} from '../../../src/lib/drills/msg-throughput/plan.js'
import {parseFault} from '../../../src/lib/faults/grammar.js'
import {littleThroughput} from './input.js'

async function planned(changes: Partial<MsgThroughputInput> = {}) {
  return plan(await littleThroughput(changes))
}

const REDIS = {targets: ['redis://127.0.0.1:6379'], transport: 'redis-stream'} as const
const POSTGRES = {targets: ['postgres://127.0.0.1/a', 'postgres://127.0.0.1/b'], transport: 'postgres'} as const

describe('the plan', () => {
  test('is frozen, prints as JSON, and counts the messages of ramp and steady', async () => {
    const made = await planned({rate: 10_000, rampMs: 4000, durationMs: 30_000, rooms: 500})
    expect(Object.isFrozen(made)).toBe(true)
    expect(JSON.parse(JSON.stringify(made))).toMatchObject({drill: 'msg-throughput', messages: 320_000})
    expect(made.phases).toEqual(['ramp', 'steady', 'drain'])
  })

  test('computes its thresholds from the rate and the fan-out', async () => {
    const {thresholds} = await planned({rate: 10_000, fanout: 3})
    expect(thresholds).toEqual([
      'delivery_rate >= 29700/s',
      'messages_lost == 0',
      'messages_duplicated == 0',
      'messages_reordered == 0',
      'messages_unexpected == 0',
      'p99(delivery_latency) < 300ms',
      'p95(publish_latency) < 200ms',
      'backlog_slope < 300/s',
    ])
  })

  test('promises no more than the transport: repeats of at-least-once warn', async () => {
    const {thresholds} = await planned(REDIS)
    expect(thresholds).toContain('warn: messages_duplicated == 0')
  })

  test('asks of a store that all is there and evenly spread, and nothing of live deliveries', async () => {
    const {thresholds} = await planned({...POSTGRES, partitions: 2})
    expect(thresholds).toEqual([
      'publish_rate >= 396/s',
      'messages_lost == 0',
      'messages_duplicated == 0',
      'messages_reordered == 0',
      'messages_unexpected == 0',
      'p95(publish_latency) < 200ms',
      'shard_imbalance < 20%',
      'partitions_missing == 0',
      'partition_misplaced == 0',
    ])
  })

  test('asks that the archive holds all in time', async () => {
    const {thresholds} = await planned({archive: {source: 'select body from archive', withinMs: 5000}})
    expect(thresholds.slice(-2)).toEqual(['archive_missing == 0', 'archive_lag <= 5000ms'])
  })

  test('has phases for a fault and its recovery', async () => {
    const faults = {specs: [parseFault('redis.disconnect at 1s for 500ms')], allowSticky: false}
    const {phases, thresholds} = await planned({faults, durationMs: 10_000})
    expect(phases).toEqual(['ramp', 'steady', 'fault', 'recovery', 'drain'])
    expect(thresholds).toContain('fault_time_to_recovery{fault=*} <= 30s')
  })

  test('judges each level of a search by what a whole run would be judged by', async () => {
    const {thresholds, levelThresholds} = await planned({findMax: true, rateTyped: false, durationMs: 8000})
    expect(thresholds).toHaveLength(1)
    expect(thresholds[0]).toMatch(/^max_rate >= /)
    expect(levelThresholds).toContain('messages_lost == 0')
  })
})

describe('is refused, before anything is sent,', () => {
  test.each([
    ['a payload smaller than its stamp', {payload: {bytes: 20}}, /29 characters/],
    ['fewer publishers than rooms of a chat', {publishers: 5}, /each publisher sits in one room/],
    ['consumers that do not fit the rooms of a chat', {consumers: 7}, /--rooms 20 with --fanout 1/],
    ['more consumers than seats', {...REDIS, consumers: 21}, /more than --rooms 20 × --fanout 1/],
    ['more workers than rooms', {workers: 21}, /a room is not shared out/],
    ['partitions of what has no tables', {partitions: 3}, /use it with --transport postgres/],
    ['no partition at all', {...POSTGRES, partitions: 0}, /no number of partitions/],
    ['a fan-out of stored rows', {...POSTGRES, fanout: 2}, /a row is stored once/],
    ['the same shard twice', {...POSTGRES, targets: ['postgres://127.0.0.1/a', 'postgres://127.0.0.1/a']}, /same URL/],
    ['a broker that the practice target does not have', {transport: 'amqp'}, /needs a broker of yours/],
    ['a search whose levels are too short', {findMax: true, durationMs: 5000}, /it takes 6s/],
    [
      'a search with an archive',
      {findMax: true, durationMs: 8000, archive: {source: 'x', withinMs: 1}},
      /exclude each other/,
    ],
    [
      'a search with a fault',
      {
        findMax: true,
        durationMs: 8000,
        faults: {specs: [parseFault('redis.disconnect at 1s for 500ms')], allowSticky: false},
      },
      /leave out --fault/,
    ],
    [
      'a fan-out that one subscriber cannot tell apart',
      {...REDIS, transport: 'redis-pubsub', fanout: 2, consumers: 10},
      /connection of its own/,
    ],
  ] as const)('%s', async (_, changes, why) => {
    await expect(planned(changes as Partial<MsgThroughputInput>)).rejects.toThrow(why)
  })
})
