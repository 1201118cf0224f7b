/** Collects the statements, keeps those that are safe to look at, and gives their parameters values. */
import {TargetError, UsageError} from '../../base/errors.js'
import type {Session} from '../../protocols/postgres/session.js'
import type {Kit} from '../drill.js'
import type {DbExplainPlan} from './plan.js'
import type {BoundQuery, Skipped} from './query.js'
import {bindParameters} from './statements/bind-parameters.js'
import {guard} from './statements/guard.js'
import {readStatements} from './statements/read-statements.js'
import {readTopStatements} from './statements/read-top-statements.js'

/** So many reasons are told where nothing is left. */
const REASONS = 3

export interface BoundWorkload {
  readonly queries: readonly BoundQuery[]
  readonly skipped: readonly Skipped[]
}

/** The practice database brings its own workload, where the user names none. Throws a UsageError, or a TargetError where it is about permissions, when nothing is left. */
export async function collect(
  {source}: Pick<DbExplainPlan, 'source'>,
  session: Session,
  kit: Pick<Kit, 'random' | 'lab' | 'note' | 'signal'>,
): Promise<BoundWorkload> {
  kit.note({phase: 'advice', text: 'reading the queries'})
  const collected =
    source.kind === 'file'
      ? await readStatements(source.text, source.file)
      : source.kind === 'practice'
        ? await readStatements(kit.lab?.queries ?? '', 'the practice workload')
        : await readTopStatements(session, source.limit)
  const {queries, skipped} = await guard(collected, session)
  const bound: BoundQuery[] = []
  const unbound: Skipped[] = []
  for (const query of queries) {
    if (kit.signal.aborted) break
    const one = await bindParameters(query, session, kit.random)
    if ('bindings' in one) bound.push(one)
    else unbound.push(one)
  }
  const all = inOrder([...skipped, ...unbound])
  if (bound.length === 0 && !kit.signal.aborted) throw nothingLeft(all)
  return {queries: bound, skipped: all}
}

function inOrder(skipped: readonly Skipped[]): readonly Skipped[] {
  return skipped.toSorted(
    ({place: one}, {place: other}) =>
      (one?.line ?? 0) - (other?.line ?? 0) || (one?.column ?? 0) - (other?.column ?? 0),
  )
}

/** The first reasons, and whether it is about permissions. */
export function nothingLeft(skipped: readonly Skipped[]): UsageError | TargetError {
  const told = skipped.slice(0, REASONS).map(({name, place, reason}) => {
    const where = place === undefined ? '' : ` (line ${place.line}, column ${place.column})`
    return `${name}${where}: ${reason}`
  })
  const more = skipped.length > told.length ? [`and ${skipped.length - told.length} more`] : []
  const what = `there is no query that can be looked at: ${[...told, ...more].join('; ') || 'the server counted none'}`
  return skipped.some(({reason}) => reason.startsWith('permission denied'))
    ? new TargetError(what, {hint: 'GRANT SELECT on these tables to this user, or name another one with --role'})
    : new UsageError(what)
}
