/** The users of the checks, which one worker carries beside its share of the ordinary ones. */
import type {Ms} from '../../base/units.js'
import type {Identities} from '../../chat/identities.js'
import {isHost} from '../../chat/people.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import {accountOf, type Account} from './account.js'
import {IdleCheck} from './idle-check.js'
import type {Population} from './population.js'
import {RoomCap} from './room-cap.js'
import type {WsFloodShare} from './share.js'

export interface Guests {
  /** Those whose messages are in ledgers. */
  readonly populations: readonly Population[]
  /** Fills the room whose cap is checked. */
  fill(startAtMs: Ms): Promise<void>
  /** Carries out the checks while all talk. */
  talk(startAtMs: Ms): Promise<void>
  /** How many have a connection. */
  count(): number
  account(): Promise<Account[]>
  close(): Promise<void>
}

/** Nobody, in a worker that is not the host and in a plan without checks. */
export function guestsOfWorker(share: WsFloodShare, kit: WorkerKit, identities: Identities): Guests {
  const {roomCap: cap, idle} = isHost(kit) ? share.plan : {}
  const roomCap = cap && new RoomCap(share, kit, {cap, identities})
  const idleCheck = idle && new IdleCheck(share, kit, {idle, identities})
  const populations = [...(roomCap ? [roomCap.population] : []), ...(idleCheck ? [idleCheck.receiving] : [])]
  return {
    populations,
    fill: async (startAtMs) => roomCap?.fill(startAtMs),
    async talk(startAtMs) {
      const {users, talk} = roomCap?.population ?? {}
      await Promise.all([
        users && talk?.run(users, startAtMs),
        roomCap?.challenge(startAtMs),
        idleCheck?.run(startAtMs),
      ])
    },
    count: () => (roomCap?.population.users.size ?? 0) + (idleCheck?.size ?? 0),
    async account() {
      const accounts = await Promise.all(populations.map((population) => accountOf(population, kit, identities)))
      if (roomCap) roomCap.account(accounts[0]?.missing ?? [])
      return accounts
    },
    async close() {
      await Promise.all([roomCap?.population.users.close(), idleCheck?.close()])
    },
  }
}
