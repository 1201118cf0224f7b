/** Closes connections on which nothing came and nothing was delivered for a while: one timer, two numbers a connection. */
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import type {Member} from './members.js'

/** When a connection last gave a sign of life. */
export type LastSign = (member: Member) => Ms

const IDLE_CODE = 4000
/** Looks this often within the idle time, so that a closing is late by 2 % at most. */
const LOOKS = 50
const [LEAST_EVERY, MOST_EVERY]: [Ms, Ms] = [20, 1000]

/** Who only receives is not idle, nor is who only sends keep-alives. */
export const lastSign: LastSign = ({heardAt, toldAt}) => Math.max(heardAt, toldAt)

export interface IdleParts {
  readonly idleMs: Ms
  readonly clock: Clock
  readonly members: Iterable<Member>
  /** A defect may put its own in place of `lastSign`. */
  readonly lastSign: () => LastSign
}

/** Returns what ends it. */
export function closeIdle(parts: IdleParts): () => void {
  const every = Math.min(MOST_EVERY, Math.max(LEAST_EVERY, parts.idleMs / LOOKS))
  const timer = setInterval(() => sweepIdle(parts), every)
  return () => clearInterval(timer)
}

export function sweepIdle({idleMs, clock, members, lastSign: ask}: IdleParts): void {
  const before = clock.now() - idleMs
  const signOf = ask()
  for (const member of members) if (member.isOpen() && signOf(member) <= before) member.close(IDLE_CODE, 'idle')
}
