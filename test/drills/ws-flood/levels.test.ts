import {describe, expect, it, test} from 'vitest'
import {isOpen, openRooms} from '../../../src/lib/drills/ws-flood/open-rooms.js'
import {levelOf, nextRooms, searchOf} from '../../../src/lib/drills/ws-flood/levels.js'
import {rosterOf} from '../../../src/lib/chat/roster.js'

const SEARCH = searchOf(rosterOf(4000, 50), 5000)

describe('a search', () => {
  it('begins with an eighth of the rooms, and doubles them while they hold', () => {
    expect(nextRooms(SEARCH, [])).toBe(10)
    expect(nextRooms(SEARCH, [{rooms: 10, outcome: 'held'}])).toBe(20)
    expect(nextRooms(SEARCH, [{rooms: 10, outcome: 'strained'}])).toBe(undefined)
  })

  test.each([
    [1, [1]],
    [3, [1, 3]],
    [7, [1, 3, 7]],
    [1000, [125, 250, 500, 1000]],
  ])('of %i rooms never tries the same twice on its way up', (rooms, ascent) => {
    expect(searchOf(rosterOf(rooms * 10, 10), 5000).ascent).toEqual(ascent)
  })
})

describe('a level of some rooms', () => {
  const roster = rosterOf(1037, 10)
  const workers = 3

  it('opens exactly as many, the first ones of each worker, and no room twice', () => {
    for (let rooms = 1; rooms <= roster.rooms; rooms++) {
      const open = Array.from({length: roster.rooms}, (_, room) => room).filter((room) =>
        isOpen(roster, room, {workers, rooms}),
      )
      const ranges = Array.from({length: workers}, (_, worker) => openRooms(roster, {worker, workers}, rooms))
      const listed = ranges.flatMap(({first, end}) => Array.from({length: end - first}, (_, n) => first + n))
      expect(listed).toEqual(open)
      expect(open).toHaveLength(rooms)
    }
  })

  it('is named by its users, and speaks as often in each room as the whole would', () => {
    const plan = {roster: rosterOf(50_000, 50), workers: 3, messageRate: 200}
    expect(levelOf(plan, 250)).toEqual({name: 'users-12500', rooms: 250, users: 12_500, messageRate: 50})
    expect(levelOf(plan, 1000)).toEqual({name: 'users-50000', rooms: 1000, users: 50_000, messageRate: 200})
  })
})
