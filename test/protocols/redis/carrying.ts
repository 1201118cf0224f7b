/** Carries messages over either transport, from a site that is made to one that is removed. */
import {expect, vi} from 'vitest'
import type {Carrier, CarrierShare} from '../../../src/lib/protocols/messaging/carrier.js'
import {voicesIn, type Layout} from '../../../src/lib/protocols/messaging/layout.js'
import type {RedisTransport} from '../../../src/lib/protocols/redis/check-layout.js'
import {pubsubCarrier} from '../../../src/lib/protocols/redis/pubsub-carrier.js'
import {redisSite} from '../../../src/lib/protocols/redis/redis-site.js'
import {streamCarrier} from '../../../src/lib/protocols/redis/stream-carrier.js'
import {Hearing, publishAll, saidBy, WITHIN_10_S} from './hearing.js'

export const CARRIERS = {'redis-pubsub': pubsubCarrier, 'redis-stream': streamCarrier} as const
export const SPREAD: Layout = {rooms: 5, publishers: 3, fanout: 2, consumers: 10}
export const ONE: Layout = {rooms: 1, publishers: 1, fanout: 1, consumers: 1}

export const ends: (() => Promise<unknown>)[] = []

/** An open carrier whose site is prepared; both are gone after the test. */
export async function carrierOf(
  transport: RedisTransport,
  share: CarrierShare,
): Promise<{carrier: Carrier; hearing: Hearing}> {
  const hearing = new Hearing()
  const site = redisSite(transport, share, hearing)
  ends.push(() => site.remove())
  await site.prepare()
  const carrier = CARRIERS[transport](share, hearing)
  ends.push(async () => carrier[Symbol.asyncDispose]())
  await carrier.open()
  return {carrier, hearing}
}

/** For `afterEach`: what was opened last is closed first. */
export async function endAll(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end()
}

/** Opens a carrier, publishes 200 messages of each voice, and sees that all of them come out at every seat, in order. */
export async function carriesAll(transport: RedisTransport, share: CarrierShare): Promise<void> {
  const {carrier, hearing} = await carrierOf(transport, share)
  const {layout} = share
  const each = 200
  const sent = publishAll(carrier, share, each)
  await vi.waitFor(() => expect(hearing.answers).toHaveLength(sent), WITHIN_10_S)
  await vi.waitFor(() => expect(hearing.arrivals).toHaveLength(sent * layout.fanout), WITHIN_10_S)
  expect(new Set(hearing.outcomes())).toEqual(new Set(['accepted']))
  expect(new Set(hearing.answers.map(({ticket}) => ticket)).size).toBe(sent)
  for (let seat = 0; seat < layout.rooms * layout.fanout; seat++) {
    const room = Math.floor(seat / layout.fanout)
    const {first, end} = voicesIn(layout, room)
    for (let voice = first; voice < end; voice++) {
      expect(hearing.at(seat).filter((text) => text.includes(`voice ${voice} `))).toEqual(saidBy(room, voice, each))
    }
  }
  expect(hearing.arrivals.some(({again}) => again)).toBe(false)
}
