/** The statements that make a table like one of the source, still empty and without its constraints; pure. */
import {escapeIdentifier} from 'pg'
import type {Making} from './attempts.js'
import type {SourceColumn, SourceTable} from './source-tables.js'

/** Whether the copy's server has a collation. */
export type KnowsCollation = (collation: {readonly schema: string; readonly name: string}) => boolean

/** A materialized view becomes a table: to the planner it is one. */
export function tableMaking(table: SourceTable, knows: KnowsCollation): Making {
  const {path, partitionKey, options, columns} = table
  const list = columns.map((column) => columnSql(column, knows)).join(',\n  ')
  const by = partitionKey === null ? '' : ` PARTITION BY ${partitionKey}`
  // Of a partitioned table its partitions carry the options.
  const storage = options.length === 0 || partitionKey !== null ? '' : ` WITH (${options.join(', ')})`
  const made = `CREATE TABLE ${path} (\n  ${list}\n)${by}${storage}`
  return {
    what: `table ${path}`,
    sql: [made, ...joining(table), ...columns.flatMap((column) => tuning(path, column))].join(';\n'),
  }
}

function columnSql(
  {name, type, collation, notNull, value, generated, identity}: SourceColumn,
  knows: KnowsCollation,
): string {
  const parts = [escapeIdentifier(name), type]
  if (collation !== null) parts.push(`COLLATE ${knows(collation) ? pathOf(collation) : '"C"'}`)
  if (generated) parts.push(`GENERATED ALWAYS AS (${value ?? 'NULL'}) STORED`)
  else if (identity !== null) parts.push(`GENERATED ${identity} AS IDENTITY`)
  else if (value !== null) parts.push(`DEFAULT ${value}`)
  if (notNull) parts.push('NOT NULL')
  return parts.join(' ')
}

function joining({path, bound, parents}: SourceTable): readonly string[] {
  return parents.map((parent) =>
    bound === null
      ? `ALTER TABLE ${path} INHERIT ${parent}`
      : `ALTER TABLE ${parent} ATTACH PARTITION ${path} ${bound}`,
  )
}

function tuning(path: string, {name, statistics, options}: SourceColumn): readonly string[] {
  const column = `ALTER TABLE ${path} ALTER COLUMN ${escapeIdentifier(name)}`
  return [
    ...(statistics === null ? [] : [`${column} SET STATISTICS ${statistics}`]),
    ...(options === null ? [] : [`${column} SET (${options.join(', ')})`]),
  ]
}

function pathOf({schema, name}: {readonly schema: string; readonly name: string}): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`
}
