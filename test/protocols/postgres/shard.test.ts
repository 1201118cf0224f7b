/** The shard of a room and the connection of a voice follow from their numbers alone. */
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {publisherOf, voicesOf} from '../../../src/lib/protocols/messaging/layout.js'
import {lanesOf, plannedImbalance, shardOf} from '../../../src/lib/protocols/postgres/shard.js'

const layouts = fc
  .record({rooms: fc.integer({min: 1, max: 60}), publishers: fc.integer({min: 1, max: 80})})
  .map((sizes) => ({...sizes, fanout: 1, consumers: 1}))
const shards = fc.integer({min: 1, max: 5})

describe('the shard of a room', () => {
  test('is the same in every release, as FNV-1a says', () => {
    // The hashes of "0", "1", "2" and "7".
    const hashes = [0x350ca8af, 0x340ca71c, 0x370cabd5, 0x320ca3f6]
    expect([0, 1, 2, 7].map((room) => shardOf(room, 2 ** 32))).toEqual(hashes)
    expect([0, 1, 2, 7].map((room) => shardOf(room, 5))).toEqual(hashes.map((hash) => hash % 5))
  })

  test.each([
    [10, 2, 0],
    [100, 2, 0],
    [100, 4, 0.05],
    [1000, 3, 0.05],
    [1000, 8, 0.05],
  ])('%i rooms over %i shards are at most %f out of balance', (rooms, count, most) => {
    expect(plannedImbalance({rooms, publishers: rooms, fanout: 1, consumers: 1}, count)).toBeLessThanOrEqual(most)
  })
})

describe('the connection of a voice', () => {
  test('is there for every voice, of as few connections as allowed, and each of them is used', () => {
    fc.assert(
      fc.property(layouts, shards, fc.integer({min: 1, max: 8}), (layout, count, most) => {
        const {sizes, places, firstVoice} = lanesOf({
          layout,
          rooms: {first: 0, end: layout.rooms},
          shards: count,
          most,
        })
        expect(firstVoice).toBe(0)
        expect(places).toHaveLength(voicesOf(layout))
        const used = new Set(places.map(({shard, lane}) => `${shard} ${lane}`))
        expect(used.size).toBe(sizes.reduce((sum, size) => sum + size, 0))
        expect(Math.max(...sizes)).toBeLessThanOrEqual(most)
      }),
    )
  })

  test('is the same for all voices of a publisher that live on one shard', () => {
    fc.assert(
      fc.property(layouts, shards, (layout, count) => {
        const {places} = lanesOf({layout, rooms: {first: 0, end: layout.rooms}, shards: count, most: 3})
        const lanes = new Map<string, Set<number>>()
        for (const [voice, {shard, lane}] of places.entries()) {
          const key = `${publisherOf(layout, voice)} ${shard}`
          lanes.set(key, (lanes.get(key) ?? new Set()).add(lane))
        }
        for (const one of lanes.values()) expect(one.size).toBe(1)
      }),
    )
  })

  test('is counted from the first voice of the rooms that a worker has', () => {
    const layout = {rooms: 10, publishers: 30, fanout: 1, consumers: 1}
    const {firstVoice, places} = lanesOf({layout, rooms: {first: 4, end: 6}, shards: 2, most: 8})
    expect([firstVoice, places.length]).toEqual([12, 6])
  })

  test('is none for a worker without rooms', () => {
    const layout = {rooms: 1, publishers: 1, fanout: 1, consumers: 1}
    expect(lanesOf({layout, rooms: {first: 1, end: 1}, shards: 2, most: 8})).toEqual({
      sizes: [0, 0],
      firstVoice: 0,
      places: [],
    })
  })
})
