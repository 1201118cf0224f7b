/** Runs a query once as a client does, and looks at its plan; writes both into its logbook. */
import {DatabaseError} from 'pg'
import type {Clock} from '../../../base/clock.js'
import type {Ms} from '../../../base/units.js'
import type {RawRows} from '../../../protocols/postgres/session.js'
import {isFinal, reasonOf} from '../../../protocols/postgres/trouble.js'
import {explain} from '../plans/explain.js'
import {CANCELLED, limited} from '../statement-limit.js'
import {isPlannedAlike, type Logbook, type Side} from './measured.js'
import type {Built, TrialGround} from './trial-ground.js'

/**
 * Without the new indexes, a query that is known to take longer is given so much, and no longer: what is given up then is proven to be ten
 * times as slow, and the others get their turn.
 */
const LEAST_GIVEN: Ms = 1000
const TIMES_SLOWER = 10
/** Where it is planned alike with and without them, nothing is to be found out. */
const GIVEN_IN_VAIN: Ms = 100

export interface Run {
  /** Until all its rows were read; where it timed out, until then. Undefined where it failed otherwise. */
  readonly ms: Ms | undefined
  readonly rows: RawRows | undefined
}

export interface Bench {
  readonly ground: TrialGround
  readonly clock: Clock
  readonly chosen: readonly Built[]
}

/** Rejects only when the session is lost. */
export async function runOnce(bench: Bench, logbook: Logbook, place: number, side: Side): Promise<Run> {
  const limitMs = limitOf(logbook, place, side)
  const run = await limited(bench.ground.session, limitMs, () => timed(bench, logbook, place, side))
  if (side === 'after') logbook.slowestAfter = Math.max(logbook.slowestAfter, run.ms ?? 0)
  return run
}

/** Undefined where its session's own is right. */
function limitOf({query, plans, slowestAfter}: Logbook, place: number, side: Side): Ms | undefined {
  const {givenUpMs} = query
  if (givenUpMs === undefined) return undefined
  if (isPlannedAlike({plans}, place)) return Math.min(givenUpMs, GIVEN_IN_VAIN)
  return side === 'after' ? givenUpMs : Math.min(givenUpMs, Math.max(LEAST_GIVEN, TIMES_SLOWER * slowestAfter))
}

async function timed({ground, clock}: Bench, logbook: Logbook, place: number, side: Side): Promise<Run> {
  const {query} = logbook
  const values = query.bindings[place]?.values ?? []
  logbook.runs += 1
  const started = clock.now()
  const taken = () => clock.now() - started
  try {
    const rows = await ground.session.read(query.sql, values)
    return {ms: taken(), rows}
  } catch (error) {
    const reason = failureOf(error)
    logbook.failures.set(reason, (logbook.failures.get(reason) ?? 0) + 1)
    if (reason !== CANCELLED) return {ms: undefined, rows: undefined}
    logbook.timeouts[side] += 1
    return {ms: taken(), rows: undefined}
  } finally {
    logbook.ranMs += taken()
  }
}

/** Also makes the server read its catalogue again after something was shown or hidden, so that no run pays for it. */
export async function lookOnce({ground, chosen}: Bench, logbook: Logbook, place: number, side: Side): Promise<void> {
  const {query, plans, uses} = logbook
  try {
    const {shape, cost, indexes} = await explain(ground.session, query, query.bindings[place]?.values ?? [])
    const key = `${place} ${side}`
    if (plans.has(key) && plans.get(key)?.shape !== shape) logbook.flips += 1
    plans.set(key, {shape, cost})
    if (side === 'before') return
    for (const {name, names} of chosen) if (names.some((part) => indexes.includes(part))) uses.add(name)
  } catch (error) {
    failureOf(error)
  }
}

function failureOf(error: unknown): string {
  if (!(error instanceof DatabaseError) || isFinal(error)) throw error
  return reasonOf(error)
}
