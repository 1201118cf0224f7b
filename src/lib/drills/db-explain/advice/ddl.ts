/** Writes a design as the statement that makes it, under a name that says what it is and meets no other. Pure. */
import {createHash} from 'node:crypto'
import {QuoteUtils} from 'pgsql-deparser'
import type {IndexDesign, IndexKey} from './index-design.js'
import type {Partition} from './table-facts.js'

/** NAMEDATALEN - 1 in bytes (https://www.postgresql.org/docs/17/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS). */
const NAME_BYTES = 63
const HASH_LETTERS = 6

export interface DdlOptions {
  /** Unquoted; the default is nameOf(design). */
  readonly name?: string
  /** Not possible on a partitioned table, nor inside a transaction. */
  readonly concurrently?: boolean
  /** Of a partitioned table: not on its partitions. */
  readonly only?: boolean
}

/** Without `;`. */
export function ddlOf(
  design: IndexDesign,
  {name = nameOf(design), concurrently = false, only = false}: DdlOptions = {},
): string {
  const make = [
    'CREATE',
    ...(design.unique === true ? ['UNIQUE'] : []),
    'INDEX',
    ...(concurrently ? ['CONCURRENTLY'] : []),
  ]
  return `${make.join(' ')} ${quoted(name)} ON ${only ? 'ONLY ' : ''}${tableOf(design)} ${bodyOf(design)}`
}

/**
 * For a partitioned table, where CONCURRENTLY is refused: the index on the parent alone, then on each partition without locking out
 * its writers, then attached (https://www.postgresql.org/docs/17/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY). A foreign partition
 * can have none to attach, so that only the statement that makes all at once is left. Parents come before their children.
 */
export function partitionedDdlOf(design: IndexDesign, partitions: readonly Partition[]): readonly string[] {
  if (partitions.some(({kind}) => kind === 'foreign')) return [ddlOf(design)]
  const steps = partitions.flatMap(({schema, name, kind, parent}) => {
    const own = {...design, schema, table: name}
    const above = nameOf({...design, schema: parent.schema, table: parent.name})
    return [
      kind === 'partitioned' ? onlyOf(own) : ddlOf(own, {concurrently: true}),
      `ALTER INDEX ${quoted(parent.schema)}.${quoted(above)} ATTACH PARTITION ${quoted(schema)}.${quoted(nameOf(own))}`,
    ]
  })
  return [onlyOf(design), ...steps]
}

function onlyOf(design: IndexDesign): string {
  return ddlOf(design, {only: true})
}

/** `messages_room_id_created_at_3fa9c1_idx`: the same for equal designs, another one for others; at most 63 bytes. */
export function nameOf(design: IndexDesign): string {
  const where = design.where === undefined ? [] : ['part']
  const words = [design.table, ...design.keys.map(wordOf), ...(design.include.length > 0 ? ['incl'] : []), ...where]
  const whole = `${design.schema}.${design.table} ${bodyOf(design)}`
  const ending = `_${createHash('sha256').update(whole).digest('hex').slice(0, HASH_LETTERS)}_idx`
  return `${cut(words.join('_'), NAME_BYTES - ending.length)}${ending}`
}

/** `(room_id, created_at DESC) INCLUDE (body) WHERE deleted_at IS NULL`; `USING gin (…)` for what is no b-tree. */
export function bodyOf({method, keys, include, where}: IndexDesign): string {
  const using = method === 'btree' ? '' : `USING ${method} `
  const carried = include.length === 0 ? '' : ` INCLUDE (${include.map(quoted).join(', ')})`
  return `${using}(${keys.map(keyText).join(', ')})${carried}${where === undefined ? '' : ` WHERE ${where}`}`
}

function keyText(key: IndexKey): string {
  const {operatorClass, descending = false, nullsFirst = descending} = key
  const order = [
    ...(operatorClass === undefined ? [] : [quoted(operatorClass)]),
    ...(descending ? ['DESC'] : []),
    ...(nullsFirst === descending ? [] : [nullsFirst ? 'NULLS FIRST' : 'NULLS LAST']),
  ]
  return ['column' in key ? quoted(key.column) : `(${key.expression})`, ...order].join(' ')
}

/** `chat.messages` */
export function tableOf({schema, table}: Pick<IndexDesign, 'schema' | 'table'>): string {
  return `${quoted(schema)}.${quoted(table)}`
}

/** Only where Postgres needs quotes. */
export function quoted(identifier: string): string {
  return QuoteUtils.quoteIdentifier(identifier)
}

function wordOf(key: IndexKey): string {
  if ('column' in key) return key.column
  return key.expression
    .replaceAll(/'[^']*'/g, '')
    .replaceAll(/[^\p{L}\p{N}_]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '')
}

/** Never inside of a character. */
function cut(text: string, bytes: number): string {
  let kept = ''
  for (const letter of text) {
    if (Buffer.byteLength(kept + letter) > bytes) break
    kept += letter
  }
  return kept
}
