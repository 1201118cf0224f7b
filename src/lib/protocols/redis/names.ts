/** What everything of a run is called in a Redis. */
import type {CarrierShare} from '../messaging/carrier.js'
import {parseRedisUrl} from './address.js'

/** Streams of a cluster are spread over its nodes in so many parts; one command can read those of one part only. */
const PARTS = 16

const ZERO = 0x30

/** The names of a run's channels and streams, one for each room. */
export interface Names {
  /** The channel, or the key of the stream. */
  of(room: number): string
  /** Streams of different parts may lie on different nodes. */
  partOf(room: number): number
}

/** `proofload-RUN-ROOM`; in a cluster `proofload-RUN-{RUN-PART}-ROOM`, where what stands in braces picks the node. */
export function namesOf({run, urls, layout}: Pick<CarrierShare, 'run' | 'urls' | 'layout'>): Names {
  const [url] = urls
  if (url === undefined || parseRedisUrl(url).kind !== 'cluster')
    return {of: (room) => `proofload-${run}-${room}`, partOf: () => 0}
  const partOf = (room: number): number => Math.floor((room * Math.min(PARTS, layout.rooms)) / layout.rooms)
  return {of: (room) => `proofload-${run}-{${run}-${partOf(room)}}-${room}`, partOf}
}

/** The room in a name's last digits, without making a string of it. */
export function roomOfName(name: Buffer): number {
  let [room, unit] = [0, 1]
  for (let index = name.length - 1; index >= 0; index--) {
    const digit = (name[index] ?? 0) - ZERO
    if (digit < 0 || digit > 9) return room
    room += digit * unit
    unit *= 10
  }
  return room
}
