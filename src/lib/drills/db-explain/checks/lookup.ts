/** Statements that look one key up: `… FROM users WHERE id = $1`. */
import {columnOf, conjuncts, at, listAt, tableSelect, textAt} from './statement.js'

export interface Lookup {
  readonly schema: string | undefined
  readonly table: string
  readonly column: string
  /** Number of the parameter that is the key. */
  readonly parameter: number
  /** The same for many keys in one array, where the key is its only parameter and nothing is sorted or cut. */
  readonly batched: string | undefined
}

interface KeyCondition {
  readonly column: string
  /** In bytes, as the parser counts. */
  readonly location: number
  readonly parameter: number
}

/** Undefined where it is no such statement. */
export async function lookupOf(sql: string): Promise<Lookup | undefined> {
  const select = await tableSelect(sql)
  if (select === undefined) return undefined
  const {schema, table, tree} = select
  const keys = conjuncts(at(tree, 'whereClause')).flatMap((condition): KeyCondition[] => {
    const [left, right] = [at(condition, 'A_Expr', 'lexpr'), at(condition, 'A_Expr', 'rexpr')]
    const column = columnOf(left, select)
    const parameter = at(right, 'ParamRef', 'number')
    if (!isEquality(condition) || column === undefined || typeof parameter !== 'number') return []
    return [{column, parameter, location: Number(at(right, 'ParamRef', 'location'))}]
  })
  const [key] = keys
  if (key === undefined) return undefined
  const whole = at(tree, 'limitCount') === undefined && at(tree, 'sortClause') === undefined
  // Whether a function makes one row of many, or does something beside, is not in the tree.
  const plain = countIn(tree, 'FuncCall') === 0
  const alone = whole && plain && countIn(tree, 'ParamRef') === 1
  return {
    schema,
    table,
    column: key.column,
    parameter: key.parameter,
    batched: alone ? batchedSql(sql, key) : undefined,
  }
}

function isEquality(condition: unknown): boolean {
  const [name, ...more] = listAt(condition, 'A_Expr', 'name')
  const plain = textAt(condition, 'A_Expr', 'kind') === 'AEXPR_OP'
  return plain && more.length === 0 && textAt(name, 'String', 'sval') === '='
}

/** How many nodes of this kind there are. */
function countIn(tree: unknown, kind: string): number {
  if (typeof tree !== 'object' || tree === null) return 0
  const own = kind in tree ? 1 : 0
  return Object.values(tree).reduce<number>((total, branch) => total + countIn(branch, kind), own)
}

function batchedSql(sql: string, {location, parameter}: KeyCondition): string | undefined {
  const bytes = Buffer.from(sql)
  const written = Buffer.from(`$${parameter}`)
  if (!bytes.subarray(location, location + written.length).equals(written)) return undefined
  const [before, after] = [bytes.subarray(0, location), bytes.subarray(location + written.length)]
  return `${before.toString()}ANY($1)${after.toString()}`
}
