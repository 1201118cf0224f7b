/** The two models of load: work that is due at its time, or work that is due when the last one is done. */
import type {Ms} from '../base/units.js'
import type {Schedule} from './schedule.js'

/** Open: arrivals come whether or not the target keeps up, as users do. */
export interface OpenLoad {
  readonly model: 'open'
  readonly schedule: Schedule
}

/** Closed: each user starts again when its last work has ended and it has thought for a while; a slow target slows the load. */
export interface ClosedLoad {
  readonly model: 'closed'
  readonly users: number
  readonly thinkMs: Ms
  /** How often each user works; undefined: until the time is up. */
  readonly iterationsPerUser: number | undefined
}

export type Load = OpenLoad | ClosedLoad

/** Load in the open model. */
export function open(schedule: Schedule): OpenLoad {
  return {model: 'open', schedule}
}

/** Load in the closed model, without thinking time unless one is given. */
export function closed(users: number, iterationsPerUser?: number, thinkMs: Ms = 0): ClosedLoad {
  return {model: 'closed', users, thinkMs, iterationsPerUser}
}
