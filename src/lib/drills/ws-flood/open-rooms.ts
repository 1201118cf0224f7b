/** Which rooms are open while a search holds only some of them: the first of every worker, so that no room is shared out. */
import {roomsOfWorker, type Roster} from '../../chat/roster.js'

export interface Seat {
  readonly worker: number
  readonly workers: number
}

/** The open rooms of a worker while `rooms` are open in all: the first of its own, in proportion; together exactly as many. */
export function openRooms(roster: Roster, {worker, workers}: Seat, rooms: number): {first: number; end: number} {
  const own = roomsOfWorker(roster, worker, workers)
  const opened = (room: number): number => Math.floor(((room - roster.firstRoom) * rooms) / roster.rooms)
  return {first: own.first, end: own.first + opened(own.end) - opened(own.first)}
}

/** Whether a room is one of the `rooms` that are open. */
export function isOpen(roster: Roster, room: number, {workers, rooms}: {workers: number; rooms: number}): boolean {
  return room < openRooms(roster, {worker: workerOf(roster, room, workers), workers}, rooms).end
}

/** The worker of a room: the inverse of `roomsOfWorker`. */
function workerOf({rooms, firstRoom}: Roster, room: number, workers: number): number {
  return Math.ceil(((room - firstRoom + 1) * workers) / rooms) - 1
}
