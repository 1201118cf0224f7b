/** A Postgres with several databases, each a shard, and a carrier that keeps a plain record of all that it says. */
import {Client} from 'pg'
import {HostClock} from '../../../src/lib/base/clock.js'
import {seededRandom} from '../../../src/lib/base/random.js'
import type {Carrier, CarrierKit, Outcome} from '../../../src/lib/protocols/messaging/carrier.js'
import {roomOfVoice, voicesOf, type Layout} from '../../../src/lib/protocols/messaging/layout.js'
import {postgresCarrier, type PostgresCarrierOptions} from '../../../src/lib/protocols/postgres/postgres-carrier.js'
import {
  postgresSite,
  type PostgresSite,
  type PostgresSiteOptions,
} from '../../../src/lib/protocols/postgres/postgres-site.js'
import type {PostgresService} from '../../../src/lib/targets/embedded/postgres.js'

const RUN = 'k3x9a0zz'
export const TABLE = `proofload_${RUN}_messages`
export const WITHIN_10_S = {timeout: 10_000, interval: 10}
const CLOCK = new HostClock()
const COMMON = {run: RUN, tls: {insecure: false}, timeoutMs: 5000} as const

const inDatabase = (url: string, name: string) => url.replace('/proofload?', `/${name}?`)

export async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({connectionString: url})
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

/** The embedded database and others of the same owner. */
export async function shardsOf({url, adminUrl}: PostgresService, others: readonly string[]): Promise<string[]> {
  for (const name of others) await query(adminUrl, `CREATE DATABASE ${name} OWNER practice`)
  return [url, ...others.map((name) => inDatabase(url, name))]
}

export function siteFor(urls: readonly string[], options: Partial<PostgresSiteOptions> = {}): PostgresSite {
  return postgresSite({...COMMON, urls, ...options}, {clock: CLOCK})
}

export interface Answer {
  readonly outcome: Outcome
  readonly reason: string | undefined
}

/** Everything that was answered and that arrived. */
export class Heard {
  readonly answers = new Map<number, Answer[]>()
  readonly arrived: {readonly seat: number; readonly text: string}[] = []
  readonly lost: string[] = []

  answersOf(outcome: Outcome): number[] {
    return [...this.answers].filter(([, [first]]) => first?.outcome === outcome).map(([ticket]) => ticket)
  }
}

export interface Scene {
  readonly carrier: Carrier
  readonly record: Heard
  /** Publishes one message of a voice, with the ticket as its text; false as the carrier says. */
  readonly say: (voice: number, ticket: number) => boolean
}

export interface SceneOptions extends PostgresCarrierOptions {
  readonly layout: Layout
  readonly urls: readonly string[]
  readonly timeoutMs?: number
}

export function sceneOf({layout, urls, timeoutMs, ...options}: SceneOptions): Scene {
  const record = new Heard()
  const kit: CarrierKit = {clock: CLOCK, random: seededRandom('scene'), listener: listenerOf(record)}
  const rooms = {first: 0, end: layout.rooms}
  const share = {...COMMON, ...(timeoutMs === undefined ? {} : {timeoutMs}), layout, rooms, urls}
  const carrier = postgresCarrier(share, kit, options)
  const say = (voice: number, ticket: number) =>
    carrier.publish({room: roomOfVoice(layout, voice), voice, ticket, text: `${voice}:${ticket}:"\\é`})
  return {carrier, record, say}
}

function listenerOf(record: Heard): CarrierKit['listener'] {
  return {
    answered: (ticket, outcome, reason) => {
      record.answers.set(ticket, [...(record.answers.get(ticket) ?? []), {outcome, reason}])
    },
    arrived: (seat, text) => record.arrived.push({seat, text: text.toString('latin1')}),
    left: () => undefined,
    entered: () => undefined,
    lost: (reason) => record.lost.push(reason),
  }
}

/** Tickets of a voice in the order in which they were read back. */
export function heard({record}: Scene, voice: number): number[] {
  return record.arrived
    .map(({text}) => text.split(':').map(Number))
    .filter(([speaker]) => speaker === voice)
    .map(([, ticket]) => ticket ?? -1)
}

export function everyVoice(layout: Layout): number[] {
  return Array.from({length: voicesOf(layout)}, (_, voice) => voice)
}
