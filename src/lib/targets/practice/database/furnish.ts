/** Puts defects into a database that is loaded, and lets the server count its workload once. */
import pg from 'pg'
import type {Effect} from './effects.js'
import {chatQueries} from './fixture.js'
import {withSession} from './sessions.js'
import {runOnce, statementsIn, withValues} from './warm-statements.js'

export interface Workload {
  /** With its annotations, as a file of queries has it. */
  readonly queries: string
  /** What the backend asks beside it, statement by statement, to show how it fetches the rows of a list. */
  readonly traffic: readonly string[]
}

interface Furnishing {
  readonly url: string
  readonly adminUrl: string
  readonly effects: readonly Effect[]
  readonly signal: AbortSignal | undefined
}

/** A list and, in one statement, what belongs to its rows. */
const GOOD_TRAFFIC: readonly string[] = [
  'SELECT id, reporter_id, reason FROM reports ORDER BY id LIMIT 50',
  `SELECT id, display_name, city FROM users WHERE id = ANY ('{1,2,3,4,5,6,7,8,9,10}')`,
]

export async function furnish({url, adminUrl, effects, signal}: Furnishing): Promise<Workload> {
  const owner = pg.escapeIdentifier(decodeURIComponent(new URL(url).username))
  const queries = (await chatQueries()) + effects.map((effect) => effect.queries ?? '').join('')
  const asked = effects.flatMap((effect) => effect.asked ?? [])
  const traffic = asked.length === 0 ? GOOD_TRAFFIC : asked
  await withSession(adminUrl, signal, async (admin) => {
    await admin.run(`CREATE EXTENSION pg_stat_statements; GRANT pg_read_all_stats TO ${owner}`)
    await withSession(url, signal, async (session) => {
      for (const {sql} of effects) if (sql !== undefined) await session.run(sql)
      const sent = await withValues(session, [...statementsIn(queries), ...traffic])
      await admin.ask('SELECT pg_stat_statements_reset()')
      await runOnce(session, sent)
    })
  })
  return {queries, traffic}
}
