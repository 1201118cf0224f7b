/** Looks at each query as it is: its plans, executed, and what one call takes. */
import {DatabaseError} from 'pg'
import type {Ms} from '../../base/units.js'
import type {Session} from '../../protocols/postgres/session.js'
import {median} from '../../verdict/median.js'
import type {Kit} from '../drill.js'
import type {Look} from './facts.js'
import {explain} from './plans/explain.js'
import type {BoundQuery, Skipped} from './query.js'

/** Of each binding, so many runs count; of one that takes long, the first. */
const RUNS = 3
const LONG: Ms = 1000
const RUN = {analyze: true, timing: true, buffers: true}

export interface Looked {
  readonly looks: readonly Look[]
  /** Queries that the server refuses. */
  readonly refused: readonly Skipped[]
}

type LookKit = Pick<Kit, 'clock' | 'note' | 'signal'>

export async function lookAt(
  session: Session,
  {queries, slowMs}: {readonly queries: readonly BoundQuery[]; readonly slowMs: Ms},
  kit: LookKit,
): Promise<Looked> {
  const looks: Look[] = []
  const refused: Skipped[] = []
  for (const query of queries) {
    if (isOver(kit)) break
    kit.note({phase: 'advice', text: `looking at ${query.name}`, done: looks.length / queries.length})
    try {
      looks.push(await lookOnce(session, query, slowMs, kit))
    } catch (error) {
      if (!(error instanceof DatabaseError) || !session.isOpen) throw error
      if (isOver(kit)) break
      refused.push({...query, reason: refusalOf(error)})
    }
  }
  return {looks, refused}
}

function isOver({signal}: LookKit): boolean {
  return signal.aborted
}

async function lookOnce(session: Session, query: BoundQuery, slowMs: Ms, {clock}: LookKit): Promise<Look> {
  const times: Ms[] = []
  const ofBindings: Ms[] = []
  const plans = []
  for (const {values} of query.bindings) {
    const own: Ms[] = []
    // The one before warms the caches, and would be told of alone where the query takes long.
    plans.push(await explain(session, query, values, RUN))
    while (own.length < RUNS && (own[0] ?? 0) < LONG) {
      const from = clock.now()
      await session.read(query.sql, values)
      own.push(clock.now() - from)
    }
    times.push(...own)
    ofBindings.push(median(own))
  }
  const timeMs = ofBindings.reduce((sum, time) => sum + time, 0) / Math.max(1, ofBindings.length)
  return {query, plans, timeMs, times, slow: timeMs > slowMs}
}

/** In words of ours where the server's may quote the user's data. */
function refusalOf({code = '', message}: DatabaseError): string {
  if (code === '57014') return 'it takes longer than --statement-timeout'
  const about = /^(permission denied|relation|function|column|operator|schema) [^']*/.exec(message)?.[0]
  return `the server refuses it: ${about ?? 'error'} (${code})`
}
