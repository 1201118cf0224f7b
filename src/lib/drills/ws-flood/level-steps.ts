/** A worker's part of a search: opens and closes its rooms, lets them speak, and says how each level went. */
import type {Ms, PerSecond} from '../../base/units.js'
import {roomStart} from '../../chat/roster.js'
import type {Users} from '../../chat/users.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import {isOpen, openRooms} from './open-rooms.js'
import type {RoomBook} from './room-book.js'
import type {WsFloodShare} from './share.js'
import type {Talk} from './talk.js'

export interface LevelSteps {
  /** Opens or closes users until `rooms` of all rooms are open; resolves when every user of this worker is decided. */
  resize(input: {readonly rooms: number; readonly startAtMs: Ms}): Promise<true>
  speak(input: {
    readonly rooms: number
    readonly rate: PerSecond
    readonly durationMs: Ms
    readonly startAtMs: Ms
  }): Promise<true>
  /** Waits for what is on its way, counts what was due and lost, and yields the users that are in their rooms. */
  conclude(input: null): Promise<number>
}

interface People {
  readonly users: Users
  readonly book: RoomBook
  readonly talk: Talk
  /** Resolves when nothing came for a while. */
  readonly drain: () => Promise<void>
}

const LOOK_EVERY: Ms = 50

export function levelSteps({plan}: WsFloodShare, kit: WorkerKit, people: People): LevelSteps {
  const {users, book, talk, drain} = people
  const {roster} = plan
  const {workers} = kit
  /** Users below this one are opened. */
  let limit = users.first
  return {
    async resize({rooms, startAtMs}) {
      const wanted = roomStart(roster, openRooms(roster, {worker: kit.index, workers}, rooms).end)
      const before = limit
      limit = wanted
      if (wanted >= before) await users.connect(startAtMs, {first: before, end: wanted})
      for (let user = wanted; user < before; user++) {
        talk.lost(user)
        book.depart(user)
      }
      if (wanted < before) await users.dismiss(wanted)
      return true
    },
    async speak({rooms, rate, durationMs, startAtMs}) {
      const speaks = (room: number): boolean => isOpen(roster, room, {workers, rooms})
      await talk.run(users, startAtMs, {speaks, rate, durationMs})
      return true
    },
    async conclude() {
      await Promise.race([drain(), settled(book, kit)])
      book.conclude()
      let present = 0
      for (let user = users.first; user < limit; user++) if (users.present(user)) present++
      return present
    },
  }
}

/** Given up when the ledgers are concluded, which settles them. */
async function settled(book: RoomBook, {clock}: WorkerKit): Promise<void> {
  while (!book.settled) await clock.sleep(LOOK_EVERY)
}
