/** Before any load one user knocks at each node: is anybody there, and is it the protocol that the profile names? */
import {isIP} from 'node:net'
import {TargetError} from '../base/errors.js'
import type {Ms} from '../base/units.js'
import type {WorkerKit} from '../load/worker-kit.js'
import {compileDialect} from '../protocols/websocket/dialect.js'
import {type Guest, Rehearsal} from '../protocols/websocket/rehearsal.js'
import {dialling} from './dialling.js'
import {identitiesOf, type Identities} from './identities.js'
import type {People} from './people.js'
import {refusalHint, refusalWords} from './refusal.js'
import type {Seating} from './share.js'

const PATIENCE: Ms = 10_000
const TRIES = 3
const PAUSE: Ms = 300
/** A server that does not answer the closing handshake is left after this. */
const FAREWELL: Ms = 2000

/** A node that answers so is there and speaks HTTP; whether it refuses too many is for the drill to find. */
const BUSY = new Set(['status-429', 'status-503'])

/** Knocks at every address of every node. Rejects with a TargetError that names the node and what it answered. */
export async function knock(seating: Seating, kit: KnockKit): Promise<void> {
  const {target, people} = seating
  await using identities = identitiesOf(seating, {...kit, workers: 1})
  await Promise.all(
    target.urls.map(async (url, node) => {
      await identities.admit(userAt(people, node))
      const addresses = target.allowed.find((allowed) => allowed.url === url)?.addresses ?? []
      await Promise.all(addresses.map((address) => knockAt(seating, {kit, identities, url, node, address})))
    }),
  )
}

/** What it needs of a drill's world. */
export type KnockKit = Pick<WorkerKit, 'runId' | 'clock' | 'signal'>

interface Door {
  readonly kit: KnockKit
  readonly identities: Identities
  readonly url: string
  readonly node: number
  readonly address: string
}

async function knockAt(seating: Seating, door: Door): Promise<void> {
  const {clock, signal} = door.kit
  const {sources, target} = seating
  const fitting = sources.filter((source) => isIP(source) === isIP(door.address))
  // None of our addresses leads there, so that no user will go there.
  if (sources.length > 0 && fitting.length === 0) return
  const allowed = target.allowed.map((host) => (host.url === door.url ? {...host, addresses: [door.address]} : host))
  const here = {...seating, sources: fitting, target: {...target, allowed}}
  let guest: Guest | undefined
  for (let tries = 0; tries < TRIES && !signal.aborted; tries++) {
    if (tries > 0) await clock.sleep(PAUSE, signal)
    guest = await enterOnce(here, door)
    if (guest.refusal === undefined || BUSY.has(guest.refusal)) return
  }
  if (guest) throw unusable(seating, door, guest)
}

function unusable({target}: Seating, {url, address}: Door, guest: Guest): TargetError {
  const several = target.allowed.some((host) => host.url === url && host.addresses.length > 1)
  const hint = refusalHint(guest)
  const words = refusalWords(guest, target.profile.protocol)
  return new TargetError(
    `${url}${several ? ` at ${address}` : ''} cannot be used: ${words}`,
    hint === undefined ? {} : {hint},
  )
}

/** Neighbours knock at different nodes. */
function userAt({shared: [{firstUser, users}]}: People, node: number): number {
  return firstUser + (node % users)
}

/** Enters the room and leaves it again; resolves to how far that went. */
async function enterOnce(seating: Seating, {kit, identities, node}: Door): Promise<Guest> {
  const dialect = compileDialect(seating.target.profile.protocol)
  const user = userAt(seating.people, node)
  const rehearsal = new Rehearsal({...kit, dialect, who: (n) => identities.who(n)})
  const dialled = dialling(seating, dialect)(user, identities.who(user), node)
  const guest = await rehearsal.enter({user, ...dialled, patience: PATIENCE})
  await rehearsal.leave(FAREWELL)
  return guest
}
