/** Which shard keeps a room, and which connection carries a voice: by a hash and arithmetic, the same in every process and every run. */
import type {Share} from '../../base/units.js'
import {publisherOf, roomOfVoice, voicesIn, voicesOf, type Layout, type Range} from '../messaging/layout.js'

/**
 * FNV-1a, 32 bits.
 * Source: http://www.isthe.com/chongo/tech/comp/fnv/index.html#FNV-1a
 */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

/** From 0. A room's name is its number in decimal; without further mixing neighbours spread more evenly than by chance. */
export function shardOf(room: number, shards: number): number {
  return fnv1a(String(room)) % shards
}

/** How far the fullest shard is above the mean by hash alone (max/mean − 1), when every voice says as much as any other. */
export function plannedImbalance(layout: Layout, shards: number): Share {
  const voices = Array.from({length: shards}, () => 0)
  for (let room = 0; room < layout.rooms; room++) {
    const {first, end} = voicesIn(layout, room)
    const shard = shardOf(room, shards)
    voices[shard] = (voices[shard] ?? 0) + end - first
  }
  return Math.max(...voices) / (voicesOf(layout) / shards) - 1
}

export interface Lanes {
  /** Connections to each shard. */
  readonly sizes: readonly number[]
  readonly firstVoice: number
  /** Shard and connection of each voice of the rooms, from `firstVoice` on. */
  readonly places: readonly {readonly shard: number; readonly lane: number}[]
}

export interface LaneOrder {
  readonly layout: Layout
  readonly rooms: Range
  readonly shards: number
  /** Connections to one shard at most. */
  readonly most: number
}

/** Publishers share the connections to a shard in turn; all voices of one that live on a shard go over the same one. */
export function lanesOf({layout, rooms, shards, most}: LaneOrder): Lanes {
  const publishers = Array.from({length: shards}, () => new Map<number, number>())
  const voices = voicesOfRooms(layout, rooms)
  const found = voices.map((voice) => {
    const shard = shardOf(roomOfVoice(layout, voice), shards)
    const known = publishers[shard] ?? new Map<number, number>()
    const publisher = publisherOf(layout, voice)
    const turn = known.get(publisher) ?? known.size
    known.set(publisher, turn)
    return {shard, turn}
  })
  const sizes = publishers.map(({size}) => Math.min(size, most))
  const places = found.map(({shard, turn}) => ({shard, lane: turn % (sizes[shard] ?? 1)}))
  return {sizes, firstVoice: voices[0] ?? 0, places}
}

function voicesOfRooms(layout: Layout, {first, end}: Range): readonly number[] {
  if (end <= first) return []
  const from = voicesIn(layout, first).first
  return Array.from({length: voicesIn(layout, end - 1).end - from}, (_, index) => from + index)
}
