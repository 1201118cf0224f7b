/** What counts as in time. */
import type {Ms} from '../../base/units.js'

/** So long after the load what comes out still counts for the rate. */
export const GRACE: Ms = 1000
