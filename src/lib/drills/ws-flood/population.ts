/** Users with the ledgers of their rooms and the talk in them: the ordinary ones, or those of a check. */
import type {Identities} from '../../chat/identities.js'
import {roomsOfWorker} from '../../chat/roster.js'
import {userCounters, type UserCounters} from '../../chat/user-counters.js'
import type {UserEvents} from '../../chat/user-parts.js'
import {Users} from '../../chat/users.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import {confirmsMessages} from '../../protocols/websocket/protocol.js'
import {RoomBook} from './room-book.js'
import type {WsFloodShare} from './share.js'
import {Talk} from './talk.js'

export interface Population {
  readonly share: WsFloodShare
  readonly users: Users
  readonly book: RoomBook
  readonly talk: Talk
}

export interface Upbringing {
  readonly identities: Identities
  /** Without them what happens to the users counts as of the ordinary ones. */
  readonly counters?: UserCounters
  /** Told instead of the book, which it tells in its turn. */
  readonly entered?: (user: number) => void
  readonly ended?: UserEvents['ended']
}

/** Users tell what happens to them; the book and the talk listen. */
export function populationOf(share: WsFloodShare, kit: WorkerKit, upbringing: Upbringing): Population {
  const {plan, target} = share
  const {identities, counters = userCounters(kit), ended} = upbringing
  const book = new RoomBook(plan, kit, roomsOfWorker(plan.roster, kit.index, kit.workers))
  const talk = new Talk(plan, kit, {book, confirms: confirmsMessages(target.profile.protocol)})
  const users = new Users(share, {
    kit,
    identities,
    counters,
    events: {
      entered: upbringing.entered ?? ((user) => book.enter(user)),
      lost(user) {
        talk.lost(user)
        book.lose(user)
      },
      ended,
      stamp: (connection, publisher, sequence, due) => book.receive(connection.user, publisher, sequence, due),
      acked: (connection, id) => talk.acked(connection, id),
      publishRefused: (connection, id) => talk.refused(connection, id),
    },
  })
  return {share, users, book, talk}
}
