/** Leads the columns of an expression back to one table: through the aliases of a plan, its CTEs and its subqueries. */
import type {Deparser} from 'pgsql-deparser'
import type {PlanTexts} from './plan-texts.js'
import {columnIn, parsed} from './plan-texts.js'
import type {Source} from './use.js'
import {bodyOf, nodesOf, type Syntax, type Syntaxer} from '../syntax.js'

export interface Origin {
  readonly source: Source
  /** SQL over the source's alias. */
  readonly expression: string
  readonly column: string | undefined
}

export interface Origins {
  /** Undefined where columns of several tables meet, or of none. */
  originOf(tree: unknown): Origin | undefined
}

/** A CTE may stand on CTEs. */
const DEEPEST = 10

/** `query` is the query's own tree, where columns of CTEs and subqueries got their names. */
export async function originsIn(texts: PlanTexts, query: Syntax, syntax: Syntaxer): Promise<Origins> {
  const {Deparser: deparser} = await import('pgsql-deparser')
  return new Resolver(texts, query, {syntax, deparser})
}

class Resolver implements Origins {
  readonly #texts: PlanTexts
  readonly #query: Syntax
  readonly #tools: {readonly syntax: Syntaxer; readonly deparser: typeof Deparser}

  constructor(texts: PlanTexts, query: Syntax, tools: {syntax: Syntaxer; deparser: typeof Deparser}) {
    this.#texts = texts
    this.#query = query
    this.#tools = tools
  }

  originOf(tree: unknown): Origin | undefined {
    const found = new Set<Source>()
    const resolved = this.#resolve(tree, found, 0)
    const [source, ...others] = found
    if (resolved === undefined || source === undefined || others.length > 0) return undefined
    const expression = this.#tools.deparser.deparse(resolved as Parameters<typeof Deparser.deparse>[0])
    return {source, expression, column: columnIn(resolved)?.at(-1)}
  }

  /** The same tree over columns of tables only; undefined when one of them is something computed. */
  #resolve(tree: unknown, found: Set<Source>, depth: number): unknown {
    if (Array.isArray(tree)) {
      const items = tree.map((item) => this.#resolve(item, found, depth))
      return items.every((item) => item !== undefined) ? items : undefined
    }
    if (typeof tree !== 'object' || tree === null) return tree
    const column = columnIn(tree)
    if (column !== undefined) return this.#column(column, found, depth)
    const fields = Object.entries(tree).map(([name, value]) => [name, this.#resolve(value, found, depth)] as const)
    return fields.every(([, value]) => value !== undefined) ? Object.fromEntries(fields) : undefined
  }

  #column(path: readonly string[], found: Set<Source>, depth: number): unknown {
    const [name = '', alias] = [path.at(-1), path.at(-2)]
    const {sources} = this.#texts
    const source = alias === undefined ? only(sources) : sources.find((each) => each.alias === alias)
    if (source === undefined) return alias === undefined ? undefined : this.#inner({alias, name}, found, depth)
    found.add(source)
    const fields = [source.alias, name].map((sval) => ({String: {sval}}))
    return {ColumnRef: {fields}}
  }

  /** A column of a CTE or a subquery, by its own name, or by what the query calls it. */
  #inner({alias, name}: {alias: string; name: string}, found: Set<Source>, depth: number): unknown {
    if (depth > DEEPEST) return undefined
    const outputs = (this.#texts.outputs.get(alias) ?? []).map((text) => parsed(text, this.#tools.syntax))
    const named = (wanted: string) => outputs.find((output) => columnIn(output)?.at(-1) === wanted)
    const renamed = nodesOf(this.#query, 'ResTarget').find((target) => target['name'] === name)
    const original = columnIn(renamed?.['val'])?.at(-1)
    const output = (original === undefined ? undefined : named(original)) ?? named(name)
    return output === undefined ? undefined : this.#resolve(output, found, depth + 1)
  }
}

function only(sources: readonly Source[]): Source | undefined {
  return sources.length === 1 ? sources[0] : undefined
}

export function hasColumns(tree: unknown): boolean {
  return nodesOf([tree], 'ColumnRef').length > 0
}

/** Numbers as they stand in the tree. */
export function parametersIn(tree: unknown): readonly number[] {
  return nodesOf([tree], 'ParamRef').map(({number}) => Number(number ?? 0))
}

export function withoutCasts(tree: unknown): unknown {
  const cast = bodyOf(tree, 'TypeCast')
  return cast === undefined ? tree : withoutCasts(cast['arg'])
}
