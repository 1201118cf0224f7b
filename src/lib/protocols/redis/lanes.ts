/** Which connection reads which consumer groups: a blocking read names one group, so that a consumer needs one connection for each. */
import type {CarrierShare} from '../messaging/carrier.js'
import {consumerOf, seatsIn} from '../messaging/layout.js'
import {namesOf} from './names.js'

export interface Stream {
  readonly key: string
  readonly seat: number
}

/** One connection's share: one group of some streams that lie on one node. */
export interface Lane {
  readonly group: string
  /** Its name stays the same over connections and restarts, so that what was handed to it and never acknowledged is found again. */
  readonly consumer: string
  readonly streams: readonly Stream[]
}

/** The group of a room's stream that is read for its seat number `place`, counted from 0 in each room. */
export function groupOf(place: number): string {
  return `seat-${place}`
}

export function lanesOf(share: CarrierShare): readonly Lane[] {
  const {layout, rooms} = share
  const names = namesOf(share)
  const lanes = new Map<string, Lane & {readonly streams: Stream[]}>()
  for (let room = rooms.first; room < rooms.end; room++) {
    const {first, end} = seatsIn(layout, room)
    for (let seat = first; seat < end; seat++) {
      const group = groupOf(seat - first)
      const consumer = `consumer-${consumerOf(layout, seat)}`
      const id = `${consumer} ${group} ${names.partOf(room)}`
      const lane = lanes.get(id) ?? {group, consumer, streams: []}
      lane.streams.push({key: names.of(room), seat})
      lanes.set(id, lane)
    }
  }
  return [...lanes.values()]
}
