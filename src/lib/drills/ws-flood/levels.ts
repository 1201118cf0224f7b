/** The search for the most users: which levels are tried, and in which order; pure. */
import type {Ms, PerSecond} from '../../base/units.js'
import {roomStart, type Roster} from '../../chat/roster.js'
import type {LevelOutcome} from '../../metrics/curve.js'
import {nextLoad, type Search as LoadSearch} from '../../pacing/search.js'
import {openRooms} from './open-rooms.js'

/** A search goes up in whole rooms: doubling to all of them, then halving the gap in which it broke. */
export interface Search extends LoadSearch {
  /** How long each level speaks. */
  readonly stepMs: Ms
}

/** Some of the rooms, and so some of the users. */
export interface Level {
  /** Name of its phase: `users-12500`. */
  readonly name: string
  readonly rooms: number
  readonly users: number
  /** Messages of all open rooms together: each room speaks as often at every level. */
  readonly messageRate: PerSecond
}

export interface Tried {
  readonly rooms: number
  readonly outcome: LevelOutcome
}

/** The first level is an eighth of all rooms. */
const FIRST_SHARE = 8
const BISECTIONS = 3

export function searchOf({rooms}: Roster, stepMs: Ms): Search {
  const shares = [FIRST_SHARE, 4, 2, 1].map((part) => Math.max(1, Math.floor(rooms / part)))
  return {ascent: [...new Set(shares)], bisections: BISECTIONS, stepMs}
}

/** Rooms of the next level, from those tried so far in their order; undefined when the search is over. */
export function nextRooms(search: Search, tried: readonly Tried[]): number | undefined {
  return nextLoad(
    search,
    tried.map(({rooms, outcome}) => ({load: rooms, held: outcome === 'held'})),
  )
}

/** What a level needs to know of the plan. */
export interface LevelFrame {
  readonly roster: Roster
  readonly workers: number
  readonly messageRate: PerSecond
}

export function levelOf({roster, workers, messageRate}: LevelFrame, rooms: number): Level {
  let users = 0
  for (let worker = 0; worker < workers; worker++) {
    const {first, end} = openRooms(roster, {worker, workers}, rooms)
    users += roomStart(roster, end) - roomStart(roster, first)
  }
  return {name: `users-${users}`, rooms, users, messageRate: (messageRate * users) / roster.users}
}
