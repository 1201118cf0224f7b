/** Who publishes where and who gets it, by arithmetic alone: rooms, the voices that speak in them, and the seats at which messages come out. */

/**
 *   room 0 ── voices 0, 1      seats 0, 1, 2      (fanout 3: each message of a room comes out at each of its seats)
 *   room 1 ── voices 2, 3      seats 3, 4, 5
 *
 * A voice is one sender's stream of messages in one room, numbered from 0 without a gap. With at least as many publishers as rooms each publisher
 * is one voice; with fewer, each publisher speaks in several rooms, one voice in each.
 */
export interface Layout {
  readonly rooms: number
  readonly publishers: number
  /** Seats of each room. */
  readonly fanout: number
  /** Connections that consume; the seats are spread over them in their order. */
  readonly consumers: number
}

/** From `first` up to `end`, which is not included. */
export interface Range {
  readonly first: number
  readonly end: number
}

export function voicesOf({rooms, publishers}: Pick<Layout, 'rooms' | 'publishers'>): number {
  return Math.max(rooms, publishers)
}

/** The voices of a room: at least one, and as many as its neighbours have, give or take one. */
export function voicesIn(layout: Layout, room: number): Range {
  const voices = voicesOf(layout)
  const upTo = (rooms: number): number => Math.floor((rooms * voices) / layout.rooms)
  return {first: upTo(room), end: upTo(room + 1)}
}

/** The room of a voice: the inverse of `voicesIn`. */
export function roomOfVoice(layout: Layout, voice: number): number {
  return Math.ceil(((voice + 1) * layout.rooms) / voicesOf(layout)) - 1
}

/** The publisher that a voice belongs to; neighbours by number share one. */
export function publisherOf(layout: Layout, voice: number): number {
  return Math.floor((voice * layout.publishers) / voicesOf(layout))
}

export function seatsIn({fanout}: Pick<Layout, 'fanout'>, room: number): Range {
  return {first: room * fanout, end: (room + 1) * fanout}
}

export function roomOfSeat({fanout}: Pick<Layout, 'fanout'>, seat: number): number {
  return Math.floor(seat / fanout)
}

/** The connection that a seat is read over; neighbours by number share one. */
export function consumerOf({rooms, fanout, consumers}: Layout, seat: number): number {
  return Math.floor((seat * consumers) / (rooms * fanout))
}

/** The rooms of one of `workers`: whole rooms, so that one worker keeps the whole ledger of each. */
export function roomsOf({rooms}: Pick<Layout, 'rooms'>, worker: number, workers: number): Range {
  const upTo = (count: number): number => Math.floor((count * rooms) / workers)
  return {first: upTo(worker), end: upTo(worker + 1)}
}
