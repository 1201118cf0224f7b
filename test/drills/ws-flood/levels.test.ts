import {describe, expect, it, test} from 'vitest'
import {isOpen, openRooms} from '../../../src/lib/drills/ws-flood/open-rooms.js'
import {levelOf, nextRooms, searchOf, type Tried} from '../../../src/lib/drills/ws-flood/levels.js'
import {rosterOf} from '../../../src/lib/drills/ws-flood/roster.js'

const SEARCH = searchOf(rosterOf(4000, 50), 5000)

/** `10 held, 20 broke`: levels by their rooms. */
function tried(text: string): Tried[] {
  return text.split(', ').map((one) => {
    const [rooms, outcome] = one.split(' ')
    return {rooms: Number(rooms), outcome: outcome as Tried['outcome']}
  })
}

describe('a search', () => {
  test.each<[string, string, number | undefined]>([
    ['goes on to twice as many when a level held', '10 held', 20],
    ['ends at the top when everything held', '10 held, 20 held, 40 held, 80 held', undefined],
    ['halves the gap when a level broke', '10 held, 20 held, 40 broke', 30],
    ['goes down when the middle broke', '10 held, 20 held, 40 broke, 30 broke', 25],
    ['goes up when the middle held', '10 held, 20 held, 40 broke, 30 held', 35],
    ['takes what strained us for a limit as well', '10 held, 20 strained', 15],
    ['ends after three levels in between', '10 held, 20 held, 40 broke, 30 broke, 25 held, 27 broke', undefined],
    ['ends when there is no room in between', '10 held, 20 broke, 15 broke, 11 broke', undefined],
    ['ends when not even the first level held', '10 broke', undefined],
  ])('%s', (_what, levels, next) => {
    expect(nextRooms(SEARCH, tried(levels))).toBe(next)
  })

  it('begins with an eighth of the rooms', () => {
    expect(nextRooms(SEARCH, [])).toBe(10)
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
