/** Which layouts a Redis can carry, which connections read what, and the names in it. */
import {describe, expect, test} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {checkLayout, connectionsOf} from '../../../src/lib/protocols/redis/check-layout.js'
import {earlierId} from '../../../src/lib/protocols/redis/entries.js'
import {lanesOf} from '../../../src/lib/protocols/redis/lanes.js'
import {namesOf, roomOfName} from '../../../src/lib/protocols/redis/names.js'
import {shareOf} from './hearing.js'

const layout = (rooms: number, fanout: number, consumers: number) => ({rooms, publishers: 4, fanout, consumers})

describe('pub/sub carries', () => {
  test.each([
    ['a room on one connection', layout(10, 1, 1)],
    ['each seat on its own', layout(3, 4, 12)],
    ['more consumers than seats', layout(3, 4, 50)],
  ])('%s', (_, given) => {
    expect(() => checkLayout('redis-pubsub', given)).not.toThrow()
  })

  test.each([
    ['two seats of a room on one connection', layout(10, 2, 10), /room 0/],
    ['two seats of a later room on one connection', layout(2, 2, 3), /room 0/],
    ['all on one', layout(1, 100, 1), /100 seats/],
  ])('not %s', (_, given, why) => {
    const check = () => checkLayout('redis-pubsub', given)
    expect(check).toThrow(UsageError)
    expect(check).toThrow(why)
    expect(() => checkLayout('redis-stream', given)).not.toThrow()
  })
})

describe('connections', () => {
  test.each([
    ['redis-pubsub', layout(10, 1, 3), 7],
    ['redis-pubsub', layout(2, 1, 30), 6],
    ['redis-stream', layout(10, 1, 3), 7],
    ['redis-stream', layout(10, 3, 1), 7],
    ['redis-stream', layout(2, 2, 4), 8],
  ] as const)('%s with %j opens %d', (transport, given, count) => {
    expect(connectionsOf(transport, given)).toBe(count)
  })

  test.each([layout(10, 3, 4), layout(7, 2, 3), layout(5, 1, 2), layout(3, 4, 12)])(
    '%j: each seat is read by exactly one of them',
    (given) => {
      const share = shareOf('redis://a', given)
      const lanes = lanesOf(share)
      const seats = lanes.flatMap(({streams}) => streams.map(({seat}) => seat))
      expect(seats.toSorted((a, b) => a - b)).toEqual(
        Array.from({length: given.rooms * given.fanout}, (_, seat) => seat),
      )
      expect(lanes).toHaveLength(connectionsOf('redis-stream', given) - given.publishers)
      for (const {group, streams} of lanes)
        for (const {seat} of streams) expect(group).toBe(`seat-${seat % given.fanout}`)
    },
  )

  test('in a cluster one connection reads streams of one part only', () => {
    const share = shareOf('redis+cluster://a', layout(100, 2, 1))
    for (const {streams} of lanesOf(share))
      expect(new Set(streams.map(({key}) => /\{.*\}/.exec(key)?.[0])).size).toBe(1)
    expect(new Set(lanesOf(share).flatMap(({streams}) => streams.map(({seat}) => seat))).size).toBe(200)
  })
})

test.each(['redis://a', 'redis+cluster://a'])(
  'a name in %s tells its room, also beside a run that ends with a digit',
  (url) => {
    const names = namesOf({...shareOf(url, layout(2000, 1, 1)), run: 'abcdef12'})
    for (const room of [0, 7, 10, 999, 1234]) {
      expect(names.of(room)).toMatch(/^proofload-abcdef12-/)
      expect(roomOfName(Buffer.from(names.of(room)))).toBe(room)
    }
  },
)

test('ids of entries are compared as numbers', () => {
  expect(['9-1', '10-0'].reduce(earlierId)).toBe('9-1')
  expect(['5-10', '5-9'].reduce(earlierId)).toBe('5-9')
  expect(['0-0', '1700000000000-0'].reduce(earlierId)).toBe('0-0')
})
