/** What a greeting of a service brings home. */
import type {Clock} from '../../../base/clock.js'
import type {Ms} from '../../../base/units.js'
import type {Check} from '../../../report/diagnosis-schema.js'

/** A service that has not answered by then does not. */
export const PATIENCE: Ms = 5000

export interface Greeted extends Pick<Check, 'state' | 'value'> {
  readonly remedies?: Check['remedies']
}

/** Connects to a checked address of the URL's host. Rejects when the service does not answer. */
export type Greet = (url: string, address: string, clock: Clock) => Promise<Greeted>
