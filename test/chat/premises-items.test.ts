/** For whom the requests of a set-up are sent, however users are spread over rosters and workers. */
import {describe, expect, it} from 'vitest'
import {peopleOf, type People} from '../../src/lib/chat/people.js'
import {countOf, itemsOf} from '../../src/lib/chat/premises-items.js'
import {rosterOf} from '../../src/lib/chat/roster.js'

const readers = rosterOf(60, 6)
/** Two in each room of the readers. */
const writers = {users: 20, rooms: 10, firstUser: 60, firstRoom: 0}

const EVERYONE: readonly [string, People][] = [
  ['one roster', peopleOf(readers)],
  ['readers and writers in the same rooms', peopleOf(readers, writers)],
  ['rosters in rooms of their own', peopleOf(readers, rosterOf(21, 10, readers))],
  ['guests', {shared: [readers], guests: [rosterOf(7, 3, readers)]}],
  ['a guest in a room of the others', {shared: [readers], guests: [{users: 1, rooms: 1, firstUser: 60, firstRoom: 4}]}],
]

describe.each(EVERYONE)('of %s', (_, people) => {
  it.each(['run', 'room', 'user'] as const)(
    'each %s is asked for once, whatever number of workers there is',
    (each) => {
      for (const workers of [1, 2, 3]) {
        const items = Array.from({length: workers}, (_one, index) => [
          ...itemsOf(each, people, {index, workers}),
        ]).flat()
        expect(items).toHaveLength(countOf(each, people))
        expect(new Set(items.map(({n}) => n)).size).toBe(items.length)
      }
    },
  )
})

it('a room is asked for by its first member, of the first roster that is in it', () => {
  const items = [...itemsOf('room', peopleOf(readers, writers), {index: 0, workers: 1})]
  expect(items.map(({n, user}) => [n, user])).toEqual(Array.from({length: 10}, (_, n) => [n, n * 6]))
})
