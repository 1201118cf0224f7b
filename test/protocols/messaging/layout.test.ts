import fc from 'fast-check'
import {expect, test} from 'vitest'
import {
  consumerOf,
  publisherOf,
  roomOfSeat,
  roomOfVoice,
  roomsOf,
  seatsIn,
  voicesIn,
  voicesOf,
  type Layout,
  type Range,
} from '../../../src/lib/protocols/messaging/layout.js'

const layouts = fc
  .record({
    rooms: fc.integer({min: 1, max: 40}),
    publishers: fc.integer({min: 1, max: 90}),
    fanout: fc.integer({min: 1, max: 4}),
  })
  .chain((some) =>
    fc.integer({min: 1, max: some.rooms * some.fanout}).map((consumers): Layout => ({...some, consumers})),
  )

const numbers = ({first, end}: Range): number[] => Array.from({length: end - first}, (_, n) => first + n)
const rooms = (layout: Layout): number[] => numbers({first: 0, end: layout.rooms})

test('every voice speaks in one room, and every room has as many voices as the others, give or take one', () => {
  fc.assert(
    fc.property(layouts, (layout) => {
      const each = rooms(layout).map((room) => numbers(voicesIn(layout, room)))
      expect(each.flat()).toEqual(numbers({first: 0, end: voicesOf(layout)}))
      each.forEach((voices, room) => voices.forEach((voice) => expect(roomOfVoice(layout, voice)).toBe(room)))
      const sizes = each.map((voices) => voices.length)
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }),
  )
})

test('every publisher has a voice, and neighbours by number share one', () => {
  fc.assert(
    fc.property(layouts, (layout) => {
      const all = numbers({first: 0, end: voicesOf(layout)}).map((voice) => publisherOf(layout, voice))
      expect(all).toEqual(all.toSorted((left, right) => left - right))
      expect(new Set(all).size).toBe(layout.publishers)
    }),
  )
})

test('every seat belongs to one room and to one consumer, and every consumer has a seat', () => {
  fc.assert(
    fc.property(layouts, (layout) => {
      const seats = rooms(layout).flatMap((room) => numbers(seatsIn(layout, room)).map((seat) => [seat, room] as const))
      expect(seats.map(([seat]) => seat)).toEqual(numbers({first: 0, end: layout.rooms * layout.fanout}))
      for (const [seat, room] of seats) expect(roomOfSeat(layout, seat)).toBe(room)
      expect(new Set(seats.map(([seat]) => consumerOf(layout, seat))).size).toBe(layout.consumers)
    }),
  )
})

test('workers share out all rooms, each whole', () => {
  fc.assert(
    fc.property(layouts, fc.integer({min: 1, max: 8}), (layout, workers) => {
      const shares = Array.from({length: workers}, (_, worker) => numbers(roomsOf(layout, worker, workers)))
      expect(shares.flat()).toEqual(rooms(layout))
    }),
  )
})
