/** Copies the schema and the rows of a user's tables into a Postgres of ours; at the source it only reads, in one snapshot. */
import {escapeIdentifier} from 'pg'
import type {Clock} from '../../../base/clock.js'
import {connect, doorOf} from '../../../protocols/postgres/connect.js'
import type {Session} from '../../../protocols/postgres/session.js'
import type {Lab} from '../../drill.js'
import {makeAll, type Failure, type Making} from './attempts.js'
import type {CopyFacts, CopyOrder} from './copy-facts.js'
import {copyRows} from './copy-rows.js'
import {checkSize, isCopied, notesOn, uncopied} from './doubts.js'
import {readDress, type DressMakings} from './dress-ddl.js'
import {readGround, type GroundMakings} from './ground-ddl.js'
import {readForeignKeys, type ForeignKey} from './parents.js'
import {inSnapshot, type Manners} from './snapshot.js'
import {readTables, type SourceTable} from './source-tables.js'
import {tableMaking, type KnowsCollation} from './table-ddl.js'

interface Blueprint {
  readonly tables: readonly SourceTable[]
  readonly ground: GroundMakings
  readonly dress: DressMakings
  readonly keys: readonly ForeignKey[]
  readonly manners: Manners
}

/**
 * Fills an empty lab. `source` is a session outside a transaction; it is cut when a COPY breaks off.
 * @throws UsageError when the tables are larger than allowed, before anything is copied; the error of either server; the signal's reason.
 */
export async function copyInto(
  source: Session,
  lab: Lab,
  order: CopyOrder & {readonly clock: Clock},
): Promise<CopyFacts> {
  const {clock, signal, limits} = order
  const startedAt = clock.now()
  const facts = await inSnapshot(source, limits.timeoutMs, async (manners) => {
    const blueprint = await draw(source, manners, order)
    const copy = await connect(doorOf(lab.adminUrl, {tls: {insecure: false}, timeoutMs: limits.timeoutMs}))
    const cut = (): void => copy.cut()
    signal.addEventListener('abort', cut, {once: true})
    try {
      return await build({source, copy, lab}, blueprint, order)
    } catch (error) {
      signal.throwIfAborted()
      throw error
    } finally {
      signal.removeEventListener('abort', cut)
      await copy.end()
    }
  })
  return {...facts, tookMs: clock.now() - startedAt}
}

async function draw(source: Session, manners: Manners, order: CopyOrder): Promise<Blueprint> {
  const tables = await readTables(source, order.tables)
  const copied = tables.filter(isCopied)
  checkSize(copied, order)
  const oids = copied.map(({oid}) => oid)
  const [ground, dress] = [await readGround(source), await readDress(source, oids)]
  return {tables, ground, dress, keys: await readForeignKeys(source, oids), manners}
}

interface Site {
  readonly source: Session
  readonly copy: Session
  readonly lab: Lab
}

async function build(
  {source, copy, lab}: Site,
  {tables, ground, dress, keys, manners}: Blueprint,
  order: CopyOrder,
): Promise<Omit<CopyFacts, 'tookMs'>> {
  const {sample, signal, limits} = order
  order.note({phase: 'copy', text: 'making the tables'})
  const refused = await prepare(copy, lab, {ground, manners})
  // Collations are among them, and columns need to know which there are.
  const early = await makeAll(copy, ground.types)
  const knows = await collationsOf(copy)
  const copied = tables.filter(isCopied)
  const made = copied.map((table) => ({table, making: tableMaking(table, knows)}))
  const missing = await makeAll(copy, [
    ...early.map(({making}) => making),
    ...ground.functions,
    ...made.map(({making}) => making),
    ...dress.views,
  ])
  const failed = new Set(missing.map(({making}) => making))
  const standing = made.filter(({making}) => !failed.has(making)).map(({table}) => table)
  const there = new Set(standing.map(({path}) => path))
  const kept = keys.filter(({child, parent}) => there.has(child) && there.has(parent))
  const pouring = {source, copy, timeoutMs: limits.timeoutMs, signal}
  const rows = await copyRows(pouring, {tables: standing, keys: kept}, order)
  const undressed = await dressUp(copy, dress, missing)
  await settle(copy, standing)
  return {
    tables: rows.tables,
    notCopied: [...uncopied(tables), ...[...refused, ...undressed].map(({making, why}) => ({what: making.what, why}))],
    notes: notesOn({tables: copied, manners, plain: unknownCollations(copied, knows), open: rows.open, sample}),
    sample,
  }
}

/** Extensions and schemas take the superuser; all else belongs to the owner of the lab. Bodies of functions are not looked into. */
async function prepare(
  copy: Session,
  lab: Lab,
  {ground, manners}: {readonly ground: GroundMakings; readonly manners: Manners},
): Promise<readonly Failure[]> {
  const {username, pathname} = new URL(lab.url)
  const [owner, database] = [username, pathname.slice(1)].map((name) => escapeIdentifier(decodeURIComponent(name)))
  const refused = await makeAll(copy, [...ground.schemas, ...ground.extensions])
  const path = manners.searchPath.map(escapeIdentifier).join(', ')
  const owned: Making[] = ground.schemas.map(({what}) => ({what, sql: `ALTER ${what} OWNER TO ${owner ?? ''}`}))
  await makeAll(copy, owned)
  await copy.run(`
    ALTER DATABASE ${database ?? ''} SET search_path TO ${path === '' ? "''" : path};
    SET ROLE ${owner ?? ''};
    SET search_path TO pg_catalog;
    SET check_function_bodies TO off`)
  return refused
}

/** A view may have waited for a primary key. */
async function dressUp(copy: Session, dress: DressMakings, missing: readonly Failure[]): Promise<readonly Failure[]> {
  const onTables = await makeAll(copy, [...dress.constraints, ...dress.indexes])
  const later = await makeAll(copy, [...missing.map(({making}) => making), ...dress.statistics, ...dress.foreignKeys])
  // A sequence that was not made has been named already.
  await makeAll(copy, dress.positions)
  return [...onTables, ...later]
}

async function settle(copy: Session, tables: readonly SourceTable[]): Promise<void> {
  for (const {path, parents} of tables) if (parents.length === 0) await copy.run(`ANALYZE ${path}`)
  for (const {path, kind} of tables) if (kind !== 'p') await copy.run(`VACUUM (ANALYZE) ${path}`)
  await copy.run('RESET ROLE; CHECKPOINT')
}

async function collationsOf(copy: Session): Promise<KnowsCollation> {
  const found = await copy.ask<{schema: string; name: string}>(
    `SELECT n.nspname AS schema, c.collname AS name FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
      WHERE c.collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))`,
  )
  return ({schema, name}) => found.some((one) => one.schema === schema && one.name === name)
}

function unknownCollations(tables: readonly SourceTable[], knows: KnowsCollation): readonly string[] {
  return tables.flatMap(({path, columns}) =>
    columns.flatMap(({name, collation}) => (collation !== null && !knows(collation) ? [`${path}.${name}`] : [])),
  )
}
