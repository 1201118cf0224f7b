/** The steps of a worker before and after the load. */
import type {Ms} from '../base/units.js'
import type {Steps} from '../load/worker-kit.js'
import type {Premises, Removal} from './premises.js'

export interface PremisesSteps extends Steps {
  /** Sends one request of the profile's set-up for all that is this worker's own. */
  setUp(input: {readonly index: number}): Promise<true>
  /** Makes all tokens that take their time. */
  logIn(input: null): Promise<true>
  /** Removes what was made. */
  tearDown(input: {readonly forMs: Ms; readonly loaded: boolean}): Promise<Removal>
}

export function premisesSteps(premises: Premises): PremisesSteps {
  return {
    async setUp({index}) {
      await premises.setUp(index)
      return true
    },
    async logIn() {
      await premises.logIn()
      return true
    },
    tearDown: async (input) => premises.tearDown(input),
  }
}
