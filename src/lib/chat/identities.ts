/** Who a virtual user is: its name, its room's name and its token, as templates may say them. */
import type {WorkerKit} from '../load/worker-kit.js'
import {compileTemplate} from '../protocols/template.js'
import {tlsOptions} from '../protocols/tls.js'
import type {Who} from '../protocols/websocket/dialect.js'
import {tokensFor} from '../targets/auth/tokens-for.js'
import {pinnedLookup} from '../targets/safety/pinned-lookup.js'
import {rosterOfUser, rostersOf, usersOf} from './people.js'
import {roomOf} from './roster.js'
import type {Seating} from './share.js'

export interface Identities extends AsyncDisposable {
  who(user: number): Who
  roomName(room: number): string
  /** Fetches a user's token where that takes a login, also when the old one has run out; `who` tells it afterwards. Rejects with a TargetError. */
  admit(user: number): Promise<void> | undefined
}

export function identitiesOf(
  {people, target}: Pick<Seating, 'people' | 'target'>,
  kit: Pick<WorkerKit, 'runId' | 'clock' | 'workers' | 'signal'>,
): Identities {
  const {profile} = target
  const run = kit.runId
  const rosters = rostersOf(people)
  const rooms = compileTemplate(profile.names.room, ['run', 'n'])
  const source = tokensFor(profile.auth, {
    users: usersOf(people),
    run,
    userName: profile.names.user,
    clock: kit.clock,
    target: target.urls[0],
    workers: kit.workers,
    signal: kit.signal,
    connect: {...tlsOptions(target.tls), lookup: pinnedLookup(target.allowed)},
  })
  const fetched = new Map<number, string>()
  const roomName = (room: number): string => rooms.fill({run, n: room})
  return {
    roomName,
    who(n) {
      const told = fetched.get(n) ?? (profile.auth.mode === 'request' ? '' : source.token(n))
      const token = typeof told === 'string' ? told : ''
      return {n, user: source.user(n), room: roomName(roomOf(rosterOfUser(rosters, n), n)), token, run}
    },
    admit(n) {
      if (source.fresh(n)) return undefined
      return Promise.resolve(source.token(n)).then((token) => void fetched.set(n, token))
    },
    [Symbol.asyncDispose]: async () => source.close(),
  }
}
