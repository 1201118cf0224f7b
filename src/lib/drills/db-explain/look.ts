/** Looks at each query as it is: its plans, executed, and what one call takes. One that takes too long is planned only, and takes at least that. */
import {DatabaseError} from 'pg'
import type {Ms} from '../../base/units.js'
import type {Session} from '../../protocols/postgres/session.js'
import {median} from '../../verdict/median.js'
import type {Kit} from '../drill.js'
import type {Look} from './facts.js'
import {explain, explainOrPlan, PLANNED} from './plans/explain.js'
import type {Plan} from './plans/plan-node.js'
import type {Binding, BoundQuery, Skipped} from './query.js'
import {CANCELLED, isCancelled, limited} from './statement-limit.js'

/** Of each binding, so many runs count; of one that takes long, the first. */
const RUNS = 3
const LONG: Ms = 1000
const RUN = {analyze: true, timing: true, buffers: true}

export interface Looked {
  readonly looks: readonly Look[]
  /** Queries that the server refuses. */
  readonly refused: readonly Skipped[]
}

export interface Looking {
  readonly queries: readonly BoundQuery[]
  readonly slowMs: Ms
  /** Most time that a statement gets where the session itself has more patience. */
  readonly limitMs?: Ms
}

type LookKit = Pick<Kit, 'clock' | 'note' | 'signal'>

export async function lookAt(session: Session, {queries, slowMs, limitMs}: Looking, kit: LookKit): Promise<Looked> {
  const looks: Look[] = []
  const refused: Skipped[] = []
  for (const query of queries) {
    if (isOver(kit)) break
    kit.note({phase: 'advice', text: `looking at ${query.name}`, done: looks.length / queries.length})
    try {
      const look = await limited(session, limitMs, () => lookOnce(session, query, slowMs, kit))
      if (isOver(kit)) break
      // Given up before it could even have been slow: nothing is known of it.
      if (look.query.givenUpMs === undefined || look.slow) looks.push(look)
      else refused.push({...query, reason: TOO_LONG})
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

async function lookOnce(session: Session, query: BoundQuery, slowMs: Ms, kit: LookKit): Promise<Look> {
  const seen: Seen[] = []
  for (const binding of query.bindings) {
    // How long nobody waits was seen once; with other values it may be quick.
    const isKnown = seen.some(({givenUpMs}) => givenUpMs !== undefined)
    const look = () => lookAtBinding(session, {query, binding, isKnown}, kit)
    seen.push(isKnown ? await limited(session, LONG, look) : await look())
  }
  const timeMs = seen.reduce((sum, {times}) => sum + median(times), 0) / Math.max(1, seen.length)
  const givenUp = seen.flatMap(({givenUpMs}) => givenUpMs ?? [])
  return {
    query: givenUp.length === 0 ? query : {...query, givenUpMs: Math.max(...givenUp)},
    plans: seen.map(({plan}) => plan),
    timeMs,
    times: seen.flatMap(({times}) => times),
    slow: timeMs > slowMs,
  }
}

interface Seen {
  readonly plan: Plan
  /** At least one, unless it is interrupted. */
  readonly times: readonly Ms[]
  readonly givenUpMs: Ms | undefined
}

interface Subject {
  readonly query: BoundQuery
  readonly binding: Binding
  /** That the query takes too long. */
  readonly isKnown: boolean
}

async function lookAtBinding(
  session: Session,
  {query, binding: {values}, isKnown}: Subject,
  kit: LookKit,
): Promise<Seen> {
  // The run before the others warms the caches, and clocking every node takes longer than the query itself: what it takes is not told.
  const plan = await explainOrPlan(isKnown ? PLANNED : RUN, (options) => explain(session, query, values, options))
  const times: Ms[] = []
  while (times.length < RUNS && (times[0] ?? 0) < LONG && !isOver(kit)) {
    const from = kit.clock.now()
    const ended = await ends(session.read(query.sql, values))
    times.push(kit.clock.now() - from)
    if (!ended) return {plan, times: [Math.max(...times)], givenUpMs: Math.max(...times)}
  }
  return {plan, times, givenUpMs: undefined}
}

/** False when the server gives it up; rejects with its other errors. */
async function ends(run: Promise<unknown>): Promise<boolean> {
  try {
    await run
    return true
  } catch (error) {
    if (!isCancelled(error)) throw error
    return false
  }
}

const TOO_LONG = 'it takes longer than --statement-timeout'

/** In words of ours where the server's may quote the user's data. */
function refusalOf({code = '', message}: DatabaseError): string {
  if (code === CANCELLED) return TOO_LONG
  const about = /^(permission denied|relation|function|column|operator|schema) [^']*/.exec(message)?.[0]
  return `the server refuses it: ${about ?? 'error'} (${code})`
}
