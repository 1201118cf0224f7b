/** What a token source is told in these tests. */
import {LeapingClock} from '../../../src/lib/base/clock.js'
import type {TokenContext} from '../../../src/lib/targets/auth/token-source.js'

export function contextOf(others: Partial<TokenContext> = {}): TokenContext {
  return {users: 3, run: 'r1', userName: 'user-{{n}}', clock: new LeapingClock(), ...others}
}
