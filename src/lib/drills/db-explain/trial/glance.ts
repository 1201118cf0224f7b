/** A quick look at how a query would be run: what the planner thinks it costs, which indexes it reads, and its shape. */
import type {Session} from '../../../protocols/postgres/session.js'
import type {Value} from '../query.js'

export interface Glance {
  readonly cost: number
  /** Each once. */
  readonly indexes: readonly string[]
  /** `schema.table` of what it reads, each once. */
  readonly tables: readonly string[]
  /** Node types, tables and indexes; the same for plans that differ in nothing but figures. */
  readonly shape: string
}

interface Node {
  readonly 'Node Type': string
  readonly 'Total Cost': number
  readonly 'Relation Name'?: string
  readonly Schema?: string
  readonly 'Index Name'?: string
  readonly Plans?: readonly Node[]
}

interface Answer {
  readonly 'QUERY PLAN': readonly {readonly Plan: Node}[]
}

/** Plans it for these values and runs nothing. Rejects with the server's error. */
export async function glanceAt(session: Session, sql: string, values: readonly Value[]): Promise<Glance> {
  const [row] = await session.ask<Answer>(`EXPLAIN (VERBOSE, FORMAT JSON) ${sql}`, values)
  const root = row?.['QUERY PLAN'][0]?.Plan
  if (root === undefined) throw new Error('the server explained nothing')
  const nodes = [...nodesOf(root)]
  return {
    cost: root['Total Cost'],
    indexes: distinct(nodes.map((node) => node['Index Name'])),
    tables: distinct(nodes.map((node) => tableOf(node))),
    shape: shapeOf(root),
  }
}

function* nodesOf(node: Node): Iterable<Node> {
  yield node
  for (const child of node.Plans ?? []) yield* nodesOf(child)
}

function tableOf(node: Node): string | undefined {
  const name = node['Relation Name']
  return name === undefined ? undefined : `${node.Schema ?? ''}.${name}`
}

function shapeOf(node: Node): string {
  const parts = [node['Node Type'], node['Index Name'], tableOf(node)].filter((part) => part !== undefined)
  return `${parts.join(' ')}(${(node.Plans ?? []).map(shapeOf).join(',')})`
}

function distinct(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))]
}
