/** Before any load one user knocks at each node: is anybody there, and is it the protocol that the profile names? */
import {TargetError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import {StampReader} from '../../protocols/stamp.js'
import {Connection, type Ending} from '../../protocols/websocket/connection.js'
import {compileDialect} from '../../protocols/websocket/dialect.js'
import type {Kit} from '../drill.js'
import {dialling} from './dialling.js'
import {identitiesOf, type Identities} from './identities.js'
import type {WsFloodShare} from './share.js'

const PATIENCE: Ms = 10_000
const TRIES = 3
const PAUSE: Ms = 300

/** A node that answers so is there and speaks HTTP; whether it refuses too many is for the drill to find. */
const BUSY = new Set(['status-429', 'status-503'])

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is it running, and is the port right? Leave out --target to use the built-in practice target',
  ENOTFOUND: 'check the host name',
  timeout:
    "the socket opened, but the join was not confirmed: hold the protocol's join.until against what the server sends",
  'join-refused': "check the room names (names.room), the token (auth) and the protocol's join frame",
  'status-401': 'check the auth section of the profile',
  'status-403': 'check the auth section of the profile, and whether the server wants an Origin (--header)',
  'status-404': 'check the path of the URL, or the url of the protocol',
}

/** Rejects with a TargetError that names the node and what it answered. */
export async function knock(share: WsFloodShare, kit: Kit): Promise<void> {
  await using identities = identitiesOf(share, {...kit, workers: 1})
  await Promise.all(share.target.urls.map((url, node) => knockAt(share, {kit, identities, url, node})))
}

interface Door {
  readonly kit: Kit
  readonly identities: Identities
  readonly url: string
  readonly node: number
}

async function knockAt(share: WsFloodShare, door: Door): Promise<void> {
  await door.identities.admit(door.node % share.plan.roster.users)
  let refusal: string | undefined
  for (let tries = 0; tries < TRIES && !door.kit.signal.aborted; tries++) {
    if (tries > 0) await door.kit.clock.sleep(PAUSE, door.kit.signal)
    refusal = await enterOnce(share, door)
    if (refusal === undefined || BUSY.has(refusal)) return
  }
  if (refusal === undefined) return
  const hint = HINTS[refusal]
  throw new TargetError(`${door.url} cannot be used: ${refusal}`, hint === undefined ? {} : {hint})
}

/** Enters the room and leaves it again; resolves to why that failed, or undefined. */
async function enterOnce(share: WsFloodShare, {kit, identities, node}: Door): Promise<string | undefined> {
  const dialect = compileDialect(share.target.profile.protocol)
  const user = node % share.plan.roster.users
  const {url, options} = dialling(share, dialect)(user, identities.who(user), node)
  return new Promise((resolve) => {
    let entered = false
    const connection = new Connection(
      {
        dialect,
        reader: new StampReader(kit.runId),
        who: (n) => identities.who(n),
        listener: {
          stamp: () => undefined,
          acked: () => undefined,
          publishRefused: () => undefined,
          protocolError: () => undefined,
          entered(own) {
            entered = true
            own.depart()
          },
          ended(_, {reason}: Ending) {
            clearTimeout(patience)
            resolve(entered ? undefined : reason)
          },
        },
      },
      {user, url, options},
    )
    const patience = setTimeout(() => connection.abandon('timeout'), PATIENCE)
  })
}
