/** Reads the indexes of tables, each as the design that it was made by. */
import type {Session} from '../../../../protocols/postgres/session.js'
import {canonical} from '../conditions/tree.js'
import type {IndexDesign, IndexKey, IndexMethod} from '../index-design.js'
import type {ExistingIndex} from '../table-facts.js'

interface KeyRow {
  readonly column: string | null
  readonly expression: string
  readonly operatorClass: string | null
  readonly collation: string | null
  /** indoption: 1 is DESC, 2 is NULLS FIRST (INDOPTION_* in Postgres' catalog/pg_index.h). */
  readonly option: number
  readonly included: boolean
}

interface IndexRow {
  readonly oid: number
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly method: string
  readonly unique: boolean
  readonly isPrimary: boolean
  readonly isValid: boolean
  readonly predicate: string | null
  readonly definition: string
  readonly keys: readonly KeyRow[]
  readonly bytes: number | null
  readonly scans: number | null
}

const METHODS: readonly string[] = ['btree', 'gin', 'gist', 'brin', 'hash', 'spgist'] satisfies IndexMethod[]
const DESCENDING = 1
const NULLS_FIRST = 2

/** What of a partitioned index takes room and is used are the indexes of the leaves. */
const INDEXES = `
  SELECT i.indrelid AS oid, n.nspname AS schema, c.relname AS table, ic.relname AS name, am.amname AS method,
         i.indisunique AS unique, i.indisprimary AS "isPrimary", i.indisvalid AND i.indisready AS "isValid",
         pg_get_expr(i.indpred, i.indrelid) AS predicate, pg_get_indexdef(i.indexrelid) AS definition,
         (SELECT json_agg(json_build_object(
             'column', a.attname, 'expression', pg_get_indexdef(i.indexrelid, k, false),
             'operatorClass', CASE WHEN NOT o.opcdefault THEN o.opcname END,
             'collation', CASE WHEN l.oid <> coalesce(nullif(a.attcollation, 0), 100) THEN quote_ident(l.collname) END,
             'option', coalesce(i.indoption[k - 1], 0), 'included', k > i.indnkeyatts) ORDER BY k)
            FROM generate_series(1, i.indnatts) k
            LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k - 1] AND i.indkey[k - 1] <> 0
            LEFT JOIN pg_opclass o ON k <= i.indnkeyatts AND o.oid = i.indclass[k - 1]
            LEFT JOIN pg_collation l ON k <= i.indnkeyatts AND l.oid = i.indcollation[k - 1]) AS keys,
         sums.bytes, sums.scans
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class ic ON ic.oid = i.indexrelid
    JOIN pg_am am ON am.oid = ic.relam
    LEFT JOIN LATERAL (
      SELECT sum(pg_relation_size(leaf.oid))::float8 AS bytes, sum(pg_stat_get_numscans(leaf.oid))::float8 AS scans
        FROM pg_class leaf
       WHERE leaf.oid = ic.oid OR (ic.relkind = 'I' AND leaf.oid IN (SELECT relid FROM pg_partition_tree(ic.oid) WHERE isleaf))
    ) sums ON true
   WHERE i.indrelid = ANY ($1::oid[])
   ORDER BY i.indrelid, ic.relname`

export async function readIndexes(
  session: Session,
  oids: readonly number[],
): Promise<ReadonlyMap<number, readonly ExistingIndex[]>> {
  const indexes = new Map<number, ExistingIndex[]>()
  for (const row of await session.ask<IndexRow>(INDEXES, [oids])) {
    indexes.set(row.oid, [...(indexes.get(row.oid) ?? []), existingOf(row)])
  }
  return indexes
}

function existingOf(row: IndexRow): ExistingIndex {
  const {name, isPrimary, isValid, definition} = row
  return {name, isPrimary, isValid, definition, design: designOf(row), bytes: row.bytes ?? 0, scans: row.scans ?? 0}
}

function designOf({schema, table, method, unique, predicate, keys}: IndexRow): IndexDesign {
  return {
    schema,
    table,
    method: METHODS.includes(method) ? (method as IndexMethod) : 'other',
    keys: keys.filter(({included}) => !included).map(keyOf),
    include: keys.flatMap(({included, column}) => (included && column !== null ? [column] : [])),
    ...(predicate === null ? {} : {where: canonical(predicate)}),
    ...(unique ? {unique} : {}),
  }
}

/** A column in another collation than its own is an expression to us: nothing that is sorted by the column can use it. */
function keyOf({column, expression, operatorClass, collation, option}: KeyRow): IndexKey {
  const descending = (option & DESCENDING) !== 0
  const nullsFirst = (option & NULLS_FIRST) !== 0
  const order = {
    ...(operatorClass === null ? {} : {operatorClass}),
    ...(descending ? {descending} : {}),
    ...(nullsFirst === descending ? {} : {nullsFirst}),
  }
  if (column !== null && collation === null) return {column, ...order}
  const sql = column !== null && collation !== null ? `${expression} COLLATE ${collation}` : expression
  return {expression: canonical(sql), ...order}
}
