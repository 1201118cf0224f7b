/** The clients of a Redis as CLIENT LIST names them, and which of them a fault is meant for. */
import {shuffle, type Random} from '../../base/random.js'
import type {RedisControl} from './control.js'

export interface RedisClient {
  readonly id: string
  readonly name: string
  /** `10.0.0.7:41234`. */
  readonly address: string
  readonly user: string
  readonly kind: 'normal' | 'pubsub' | 'replication'
}

export interface Who {
  readonly type?: string
  readonly user?: string
  /** With or without its port. */
  readonly address?: string
}

/** Everybody but those who carry our mark. */
export async function listOthers(control: RedisControl, mark: string): Promise<readonly RedisClient[]> {
  return parseClients(String(await control.call('CLIENT', 'LIST'))).filter(({name}) => !name.startsWith(mark))
}

/** Reads `id=3 addr=127.0.0.1:5 name= flags=N user=default …` lines. */
function parseClients(list: string): readonly RedisClient[] {
  return list
    .split('\n')
    .filter((line) => line.startsWith('id='))
    .map((line) => {
      const fields = new Map(line.split(' ').map((field) => halves(field)))
      const of = (name: string) => fields.get(name) ?? ''
      return {id: of('id'), name: of('name'), address: of('addr'), user: of('user'), kind: kindOf(of('flags'))}
    })
}

/** Whom a fault names; replication links are never among them, as cutting them puts the data at risk. */
export function chosen(clients: readonly RedisClient[], {type = 'all', user, address}: Who): readonly RedisClient[] {
  return clients.filter(
    (client) =>
      client.kind !== 'replication' &&
      (type === 'all' || client.kind === type) &&
      (user === undefined || client.user === user) &&
      (address === undefined || client.address === address || client.address.startsWith(`${address}:`)),
  )
}

/** A share of them, drawn at random; of some at least one. */
export function drawn<Item>(items: readonly Item[], share: number, random: Random): readonly Item[] {
  if (share >= 1 || items.length === 0) return items
  return shuffle(items, random).slice(0, Math.max(1, Math.round(items.length * share)))
}

function kindOf(flags: string): RedisClient['kind'] {
  // S: a replica of this server, M: its master. A monitor shows as O, and is a client as any other.
  if (/[SM]/.test(flags) && !flags.includes('O')) return 'replication'
  return flags.includes('P') ? 'pubsub' : 'normal'
}

function halves(field: string): [string, string] {
  const at = field.indexOf('=')
  return at < 0 ? [field, ''] : [field.slice(0, at), field.slice(at + 1)]
}
