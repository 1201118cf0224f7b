/** Writes a design down as SQL, every name quoted. */
import type {IndexDesign, IndexKey} from '../advice/index-design.js'

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** `"chat"."messages"` */
export function tableOf({schema, table}: Pick<IndexDesign, 'schema' | 'table'>): string {
  return `${quoted(schema)}.${quoted(table)}`
}

/** In the schema of its table; without a name the server finds one. */
export function createIndex(design: IndexDesign, name?: string): string {
  const {method, keys, include, where, unique} = design
  const carried = include.length === 0 ? '' : ` INCLUDE (${include.map(quoted).join(', ')})`
  return [
    `CREATE ${unique === true ? 'UNIQUE ' : ''}INDEX${name === undefined ? '' : ` ${quoted(name)}`}`,
    ` ON ${tableOf(design)} USING ${method} (${keys.map(keyOf).join(', ')})${carried}`,
    where === undefined ? '' : ` WHERE ${where}`,
  ].join('')
}

function keyOf(key: IndexKey): string {
  const what = 'column' in key ? quoted(key.column) : `(${key.expression})`
  const nulls = key.nullsFirst === undefined ? '' : ` NULLS ${key.nullsFirst ? 'FIRST' : 'LAST'}`
  const operators = key.operatorClass === undefined ? '' : ` ${key.operatorClass}`
  return `${what}${operators}${key.descending === true ? ' DESC' : ''}${nulls}`
}
