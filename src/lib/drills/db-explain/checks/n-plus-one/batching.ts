/** What it brings to ask for many keys in one statement instead of one by one. */
import {escapeIdentifier} from 'pg'
import {SECOND, type Ms} from '../../../../base/units.js'
import type {RawRows, Session} from '../../../../protocols/postgres/session.js'
import type {CheckKit} from '../check.js'
import type {Lookup} from '../lookup.js'
import {inPairs, savingOf, type Pair, type Saving} from '../paired-saving.js'
import {timed} from '../timed.js'

const KEYS = 50
const PAIRS = 15
const LEAST_PAIRS = 5
const TAKES: Ms = 2 * SECOND

export interface Batching {
  /** How many keys were asked for. */
  readonly keys: number
  /** The statement of the workload, or a plain one over its table where that cannot be asked for many keys. */
  readonly asked: 'itself' | 'plain'
  /** Times of all lookups one by one, and of one statement. */
  readonly pairs: readonly Pair[]
  /** Both bring the same rows. */
  readonly identical: boolean
  readonly saving: Saving | undefined
}

/** Undefined where the table has no key to ask for. */
export async function measureBatching(
  session: Session,
  {sql, lookup}: {readonly sql: string; readonly lookup: Lookup},
  kit: CheckKit,
): Promise<Batching | undefined> {
  const table = [...(lookup.schema === undefined ? [] : [lookup.schema]), lookup.table].map(escapeIdentifier).join('.')
  const column = escapeIdentifier(lookup.column)
  const keys = await keysOf(session, table, column)
  if (keys.length === 0) return undefined
  const single = lookup.batched === undefined ? `SELECT * FROM ${table} WHERE ${column} = $1` : sql
  const batched = lookup.batched ?? `SELECT * FROM ${table} WHERE ${column} = ANY($1)`
  const oneByOne = async () => {
    const answers: RawRows[] = []
    for (const key of keys) answers.push(await session.read(single, [key]))
    return answers.flatMap(({rows}) => rows)
  }
  const atOnce = async () => (await session.read(batched, [arrayText(keys)])).rows
  const identical = sorted(await oneByOne()) === sorted(await atOnce())
  const until = kit.clock.now() + TAKES
  const going = (pairs: number) =>
    !kit.signal.aborted && pairs < PAIRS && (pairs < LEAST_PAIRS || kit.clock.now() < until)
  const pairs = await inPairs([timed(kit.clock, oneByOne), timed(kit.clock, atOnce)], going)
  const asked = lookup.batched === undefined ? 'plain' : 'itself'
  return {keys: keys.length, asked, pairs, identical, saving: savingOf(pairs, kit.random.fork(`batching ${table}`))}
}

async function keysOf(session: Session, table: string, column: string): Promise<readonly string[]> {
  const {rows} = await session.read(
    `SELECT DISTINCT key FROM (SELECT ${column}::text AS key FROM ${table} WHERE ${column} IS NOT NULL LIMIT ${KEYS * 20}) AS looked_at LIMIT ${KEYS}`,
  )
  return rows.flatMap(([key]) => key ?? [])
}

/** An array in Postgres' text form (https://www.postgresql.org/docs/17/arrays.html#ARRAYS-IO). */
export function arrayText(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`
}

function sorted(rows: RawRows['rows']): string {
  return rows
    .map((row) => JSON.stringify(row))
    .sort()
    .join('\n')
}
