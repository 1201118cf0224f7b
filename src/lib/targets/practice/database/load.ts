/** Fills the chat database: made on the server by arithmetic, in two sessions at once, then vacuumed and flushed. */
import {escapeLiteral} from 'pg'
import {formatCount} from '../../../base/format-units.js'
import {withSession} from './sessions.js'
import {fixtureSql} from './fixture.js'

/** What each session makes, one after the other; a table does not need another one to be there. */
const LANES = [
  ['messages', 'reports'],
  ['users', 'rooms', 'members', 'files', 'events'],
] as const

export interface LoadOrder {
  /** As its owner. */
  readonly url: string
  /** As the superuser. */
  readonly adminUrl: string
  /** Messages; everything else is in proportion. */
  readonly rows: number
  /** The same seed makes the same rows on the same day. */
  readonly seed: string
  readonly signal?: AbortSignal | undefined
  readonly note?: ((text: string) => void) | undefined
}

/** Ten seconds for a million messages on two cores. Rejects with the server's error, or with the signal's reason. */
export async function loadChat(order: LoadOrder): Promise<void> {
  const {url, adminUrl, rows, seed, signal, note} = order
  note?.(`loading ${formatCount(rows)} messages`)
  const numbers = `SET fixture.rows = ${rows}; SET fixture.seed = ${escapeLiteral(seed)};\n${await fixtureSql('numbers')}`
  await withSession(url, signal, (session) => session.run(numbers))
  await inLanes(order, async (table) => await fixtureSql(`tables/${table}`))
  note?.('checking what belongs together')
  const relations = await fixtureSql('relations')
  await withSession(url, signal, (session) => session.run(relations))
  note?.('VACUUM (ANALYZE)')
  await inLanes(order, (table) => `VACUUM (ANALYZE) ${table}`)
  await withSession(adminUrl, signal, (session) => session.run('CHECKPOINT'))
}

/** Waits for both lanes also when one has failed, so that nothing is still under way. */
async function inLanes({url, signal}: LoadOrder, sqlOf: (table: string) => string | Promise<string>): Promise<void> {
  const lanes = LANES.map((tables) =>
    withSession(url, signal, async (session) => {
      for (const table of tables) await session.run(await sqlOf(table))
    }),
  )
  for (const outcome of await Promise.allSettled(lanes)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
}
