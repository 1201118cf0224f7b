/** Makes what the profile's set-up makes, for the few users of a rehearsal, and removes it again. */
import type {Clock} from '../../base/clock.js'
import {ProofloadError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import type {Identities} from '../../chat/identities.js'
import {Premises} from '../../chat/premises.js'
import type {Seating} from '../../chat/share.js'

const TEARDOWN_WITHIN: Ms = 10_000

/** What came of the requests of set-up and teardown. */
export interface SetUpSeen {
  readonly made: number
  readonly removed: number
  /** Why it could not be made, or not be removed. */
  readonly trouble:
    {readonly why: string; readonly hint: string | undefined; readonly when: 'setup' | 'teardown'} | undefined
}

interface Around {
  readonly identities: Identities
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Plays between set-up and teardown; `played` is undefined when the set-up was refused. Rejects with what `play` rejects with. */
export async function betweenSetUpAndTeardown<Played>(
  seating: Seating,
  {identities, clock, signal}: Around,
  play: () => Promise<Played>,
): Promise<{readonly setUp: SetUpSeen | undefined; readonly played: Played | undefined}> {
  const {setup, teardown} = seating.target.profile
  if (setup.length + teardown.length === 0) return {setUp: undefined, played: await play()}
  let made = 0
  const tally = {counter: () => ({add: () => (made += 1)})}
  const premises = new Premises(seating, {index: 0, workers: 1, clock, signal, tally}, identities)
  let played: Played | undefined
  let setUp: SetUpSeen | undefined
  let refusal: Omit<NonNullable<SetUpSeen['trouble']>, 'when'> | undefined
  try {
    refusal = await refusalOf(premises, setup.length)
    if (refusal === undefined) played = await play()
  } finally {
    const {removed, firstFailure} = await premises.tearDown({forMs: TEARDOWN_WITHIN, loaded: played !== undefined})
    const left =
      firstFailure === undefined ? undefined : {why: firstFailure, hint: undefined, when: 'teardown' as const}
    setUp = {made, removed, trouble: refusal === undefined ? left : {...refusal, when: 'setup'}}
  }
  return {setUp, played}
}

/** Only what the target refuses; anything else is a bug. */
async function refusalOf(
  premises: Premises,
  requests: number,
): Promise<{why: string; hint: string | undefined} | undefined> {
  try {
    for (let index = 0; index < requests; index++) await premises.setUp(index)
    return undefined
  } catch (error) {
    if (error instanceof ProofloadError) return {why: error.message, hint: error.hint}
    throw error
  }
}
