/** A carrier's listener that notes everything, and what a carrier needs beside it. */
import {Redis} from 'ioredis'
import {expect, vi} from 'vitest'
import {HostClock} from '../../../src/lib/base/clock.js'
import {freshSeed, seededRandom} from '../../../src/lib/base/random.js'
import type {Carrier, CarrierKit, CarrierShare, Outcome} from '../../../src/lib/protocols/messaging/carrier.js'
import {voicesIn, type Layout} from '../../../src/lib/protocols/messaging/layout.js'

export const WITHIN_10_S = {timeout: 10_000, interval: 5}

export interface Arrival {
  readonly seat: number
  readonly text: string
  readonly again: boolean
}

export class Hearing implements CarrierKit {
  readonly clock = new HostClock()
  readonly random = seededRandom('hearing')
  readonly answers: {ticket: number; outcome: Outcome; reason: string | undefined}[] = []
  readonly arrivals: Arrival[] = []
  readonly moves: string[] = []
  readonly losses: string[] = []
  onArrival: (arrival: Arrival) => void = () => undefined
  readonly listener = {
    answered: (ticket: number, outcome: Outcome, reason?: string) => void this.answers.push({ticket, outcome, reason}),
    arrived: (seat: number, text: Buffer, again: boolean) => {
      const arrival = {seat, text: text.toString('latin1'), again}
      this.arrivals.push(arrival)
      this.onArrival(arrival)
    },
    left: (seat: number) => void this.moves.push(`left ${seat}`),
    entered: (seat: number) => void this.moves.push(`entered ${seat}`),
    lost: (reason: string) => void this.losses.push(reason),
  }

  at(seat: number): readonly string[] {
    return this.arrivals.filter((arrival) => arrival.seat === seat).map(({text}) => text)
  }

  outcomes(): readonly string[] {
    return this.answers.map(({outcome, reason}) => (reason === undefined ? outcome : `${outcome} ${reason}`))
  }
}

export function shareOf(url: string, layout: Layout, more: Partial<CarrierShare> = {}): CarrierShare {
  const rooms = {first: 0, end: layout.rooms}
  const run = freshSeed().replace('-', '')
  return {layout, rooms, urls: [url], tls: {insecure: false}, run, timeoutMs: 5000, ...more}
}

/** `each` messages of every voice of the share, all at once; answers how many. */
export function publishAll(carrier: Carrier, {layout, rooms}: CarrierShare, each: number): number {
  let ticket = 0
  for (let round = 0; round < each; round++) {
    for (let room = rooms.first; room < rooms.end; room++) {
      const {first, end} = voicesIn(layout, room)
      for (let voice = first; voice < end; voice++) {
        expect(
          carrier.publish({room, voice, ticket: ticket++, text: `room ${room} voice ${voice} number ${round}`}),
        ).toBe(true)
      }
    }
  }
  return ticket
}

/** What a seat must have heard of one voice, in this order. */
export function saidBy(room: number, voice: number, each: number): readonly string[] {
  return Array.from({length: each}, (_, round) => `room ${room} voice ${voice} number ${round}`)
}

/** Publishes until it is taken, as a link that was lost is tried again. */
export async function publishAgain(carrier: Carrier, text: string, ticket: number): Promise<void> {
  await vi.waitFor(() => expect(carrier.publish({room: 0, voice: 0, ticket, text})).toBe(true), WITHIN_10_S)
}

export async function operatorOf(url: string): Promise<Redis> {
  const redis = new Redis(url, {lazyConnect: true, retryStrategy: () => null, disableClientInfo: true})
  redis.on('error', () => undefined)
  await redis.connect()
  return redis
}
