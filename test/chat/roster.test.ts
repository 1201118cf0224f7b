/** Who sits where by arithmetic. */
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {holds, roomOf, rosterOf, roomStart, roomsOfWorker} from '../../src/lib/chat/roster.js'

test('rosters find the room of every user again, and share all rooms out to the workers, wherever they begin', () => {
  const sizes = fc.record({users: fc.integer({min: 1, max: 500}), size: fc.integer({min: 1, max: 60})})
  fc.assert(
    fc.property(sizes, sizes, fc.integer({min: 1, max: 4}), (first, second, workers) => {
      const roster = rosterOf(second.users, second.size, rosterOf(first.users, first.size))
      for (let n = 0; n < roster.users; n++) {
        const user = roster.firstUser + n
        const room = roomOf(roster, user)
        expect(holds(roster, user)).toBe(true)
        expect(roomStart(roster, room)).toBeLessThanOrEqual(user)
        expect(roomStart(roster, room + 1)).toBeGreaterThan(user)
      }
      expect(holds(roster, roster.firstUser - 1)).toBe(false)
      const shares = Array.from({length: workers}, (_, worker) => roomsOfWorker(roster, worker, workers))
      expect(shares.map(({first: from}) => from)).toEqual([
        roster.firstRoom,
        ...shares.slice(0, -1).map(({end}) => end),
      ])
      expect(shares.at(-1)?.end).toBe(roster.firstRoom + roster.rooms)
    }),
    {numRuns: 50},
  )
})
