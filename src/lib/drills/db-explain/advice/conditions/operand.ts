/** The side of a comparison that belongs to the table: a column of it, or an expression over its columns alone. */
import type {Node} from 'libpg-query'
import type {Operand} from './condition.js'
import {columnsOf, lastOf, textOf, withoutAliases} from './tree.js'

/** Whether an alias in a condition is that of the table; undefined where Postgres wrote none. */
export type IsOwn = (alias: string | undefined) => boolean

const TEXTS = ['text', 'varchar', 'bpchar']

export interface Sides {
  /** Columns of the table, each once. */
  readonly own: readonly string[]
  /** Aliases of others. */
  readonly others: readonly string[]
}

export function sidesOf(node: Node, isOwn: IsOwn): Sides {
  const columns = columnsOf(node)
  const own = columns.filter(({alias}) => isOwn(alias)).map(({column}) => column)
  const others = columns.flatMap(({alias}) => (isOwn(alias) || alias === undefined ? [] : [alias]))
  return {own: [...new Set(own)], others: [...new Set(others)]}
}

/** Undefined where it has a column of another table, or none. */
export function operandOf(node: Node, isOwn: IsOwn): Operand | undefined {
  const {own, others} = sidesOf(node, isOwn)
  if (own.length === 0 || others.length > 0 || own.includes('*')) return undefined
  const inner = castToText(node)
  const bare = inner ?? node
  return {
    sql: textOf(withoutAliases(node)),
    column: 'ColumnRef' in bare ? own[0] : undefined,
    asText: inner !== undefined && 'ColumnRef' in inner,
    columns: own,
    tree: withoutAliases(node),
  }
}

/** What is cast to text; undefined where it is no such cast. */
function castToText(node: Node): Node | undefined {
  if (!('TypeCast' in node) || node.TypeCast.typeName?.arrayBounds !== undefined) return undefined
  return TEXTS.includes(lastOf(node.TypeCast.typeName?.names)) ? node.TypeCast.arg : undefined
}
