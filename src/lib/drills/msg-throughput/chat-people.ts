/** Who sits in the rooms of a chat: publishers by their voice, and consumers by their seat, numbered on from there; pure. */
import type {ChatPlan} from '../../chat/share.js'
import {peopleOf, type People} from '../../chat/people.js'
import type {Roster} from '../../chat/roster.js'
import type {PerSecond} from '../../base/units.js'
import {roomOfSeat, seatsIn, voicesIn, type Layout} from '../../protocols/messaging/layout.js'

/** They are few; faster would be a drill of its own. */
const CONNECT_RATE: PerSecond = 1000

/** User n is the publisher of voice n. */
export function publishersOf({rooms, publishers}: Layout): Roster {
  return {users: publishers, rooms, firstUser: 0, firstRoom: 0}
}

/** The user of seat n is n + the number of publishers. */
export function consumersOf({rooms, publishers, fanout}: Layout): Roster {
  return {users: rooms * fanout, rooms, firstUser: publishers, firstRoom: 0}
}

/** Whoever listens sits at another node than whoever speaks, so that every message has to cross processes. */
export function nodeOfConsumer(layout: Layout, user: number): number {
  const seat = user - layout.publishers
  const room = roomOfSeat(layout, seat)
  return voicesIn(layout, room).first + 1 + (seat - seatsIn(layout, room).first)
}

export function chatPeople(layout: Layout): People {
  return peopleOf(publishersOf(layout), consumersOf(layout))
}

export function chatPlan(roster: Roster): ChatPlan {
  return {
    roster,
    connectRate: CONNECT_RATE,
    reconnect: 'full-jitter',
    backoff: {baseMs: 100, capMs: 3000},
    connectTimeoutMs: 30_000,
    keepAlive: 'protocol',
  }
}
