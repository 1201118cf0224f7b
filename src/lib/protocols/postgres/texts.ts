/** Reads all that a SELECT yields from one or several databases, page by page and without a way to change anything. */
import {TargetError, UsageError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import type {Certificates} from '../tls.js'
import {connect, doorOf} from './connect.js'
import {unusable} from './trouble.js'

const PAGE = 5000
/** Of one page. */
const PATIENCE: Ms = 30_000

/** The values of each row as one text. Throws a UsageError for what is no single SELECT; rejects with a TargetError when a database refuses it. */
export async function* textsOf(urls: readonly string[], sql: string, tls: Certificates): AsyncIterable<Buffer> {
  const query = selectIn(sql)
  for (const [shard, url] of urls.entries()) {
    const door = doorOf(url, {tls, timeoutMs: PATIENCE, shard})
    const session = await connect(door).catch((error: unknown) => {
      throw unusable(door.place, error)
    })
    try {
      await session.ask('BEGIN TRANSACTION READ ONLY')
      await session.ask(`DECLARE proofload_texts NO SCROLL CURSOR FOR ${query}`)
      for (let rows = PAGE; rows === PAGE;) {
        const page = await session.ask<Record<string, unknown>>(`FETCH ${PAGE} FROM proofload_texts`)
        for (const row of page) yield Buffer.from(Object.values(row).map(String).join(' '))
        rows = page.length
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new TargetError(`${door.place} refuses '${query}': ${why}`, {cause: error})
    } finally {
      await session.end()
    }
  }
}

/** A cursor takes one SELECT; a semicolon at its end is forgiven. */
function selectIn(sql: string): string {
  const query = sql.trim().replace(/;\s*$/, '')
  if (/^(select|with|table|values)\b/i.test(query)) return query
  throw new UsageError(`'${sql}' is no SELECT`, {hint: "for example: 'select body from archived_messages'"})
}
