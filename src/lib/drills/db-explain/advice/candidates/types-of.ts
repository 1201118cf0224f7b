/** The type of an expression, as far as it can be told without asking the server. Pure. */
import type {Node} from 'libpg-query'
import {lastOf} from '../conditions/tree.js'
import type {TableFacts} from '../table-facts.js'

const CATALOGUE_NAMES: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  varchar: 'character varying',
  bpchar: 'character',
  timestamptz: 'timestamp with time zone',
  timestamp: 'timestamp without time zone',
}

const RESULTS: Readonly<Record<string, string>> = {
  to_tsvector: 'tsvector',
  setweight: 'tsvector',
  lower: 'text',
  upper: 'text',
  left: 'text',
  right: 'text',
  substring: 'text',
  btrim: 'text',
  md5: 'text',
  '->>': 'text',
  '#>>': 'text',
}

/** As format_type prints it; undefined where nobody knows, and for a bare literal, which takes any type. */
export function typeOf(node: Node, facts: TableFacts): string | undefined {
  if ('ColumnRef' in node) {
    const name = lastOf(node.ColumnRef.fields)
    return facts.columns.find((column) => column.name === name)?.baseType
  }
  if ('TypeCast' in node) return castTypeOf(node.TypeCast.typeName)
  if ('FuncCall' in node) return RESULTS[lastOf(node.FuncCall.funcname)]
  if (!('A_Expr' in node)) return undefined
  const operator = lastOf(node.A_Expr.name)
  const {lexpr} = node.A_Expr
  return (
    RESULTS[operator] ??
    (['->', '#>', '||'].includes(operator) && lexpr !== undefined ? typeOf(lexpr, facts) : undefined)
  )
}

/** Of the type that a cast names. */
export function castTypeOf(name: {names?: Node[]; arrayBounds?: Node[]} | undefined): string {
  const last = lastOf(name?.names)
  return `${CATALOGUE_NAMES[last] ?? last}${name?.arrayBounds === undefined ? '' : '[]'}`
}
