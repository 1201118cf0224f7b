/** Gives a query values for its parameters: those that came with it, or real ones out of the target's data, in three strata. */
import {DatabaseError} from 'pg'
import type {Random} from '../../../base/random.js'
import type {Session} from '../../../protocols/postgres/session.js'
import type {Binding, BoundQuery, Query, Skipped, Stratum, Value} from '../query.js'
import {FIRST, genericPlan, type GenericPlan} from './binding/generic-plan.js'
import {attempt, readOnly} from './binding/read-only.js'
import {solve, type Solved} from './binding/solve.js'
import {skip} from './statement.js'
import {isTrouble, loadSyntax} from './syntax.js'

/** With options, because a query may begin with a parenthesis. */
const EXPLAIN = 'EXPLAIN (COSTS OFF)'

/**
 * Reads the target, changes nothing, and leaves nothing in the session, which must not be in a transaction. The same `random` and data yield
 * the same values. Skipped: what the server will not plan, and what has parameters that no data speaks of. Rejects when the session is lost.
 */
export async function bindParameters(query: Query, session: Session, random: Random): Promise<BoundQuery | Skipped> {
  try {
    return await readOnly(session, () => bind(query, session, random.fork(query.name)))
  } catch (error) {
    if (error instanceof DatabaseError && session.isOpen) return skip(query, wordsOf(error))
    throw error
  }
}

async function bind(query: Query, session: Session, random: Random): Promise<BoundQuery | Skipped> {
  if (query.parameters === 0 && query.given.every((values) => values.length === 0)) {
    await session.read(`${EXPLAIN} ${query.sql}`)
    return {...query, bindings: [{stratum: 'none', values: []}]}
  }
  const syntax = await loadSyntax()
  const plan = await genericPlan(query, session, syntax)
  if (query.given.length > 0) return asGiven(query, plan, session)
  const parsed = syntax.parse(query.sql)
  const [tree] = isTrouble(parsed) ? [] : parsed
  if (tree === undefined) return skip(query, 'it cannot be parsed')
  const solved = await solve({query, tree, plan}, {session, syntax, random})
  if (solved.missing.length > 0) return skip(query, missingWords(solved.missing, plan, query))
  const bindings: Binding[] = []
  for (const binding of combined(query, solved)) {
    if (await fits(query, binding.values, session)) bindings.push(binding)
  }
  return bindings.length > 0 ? {...query, bindings} : skip(query, missingWords(numbers(query), plan, query))
}

async function asGiven(query: Query, plan: GenericPlan, session: Session): Promise<BoundQuery | Skipped> {
  for (const [index, values] of query.given.entries()) {
    const set = `set ${index + 1} of its values`
    if (values.length !== query.parameters) {
      return skip(
        query,
        `${set} has ${values.length}, but it has ${query.parameters} parameters (${plan.types.join(', ')})`,
      )
    }
    if (!(await fits(query, values, session)))
      return skip(query, `${set} does not fit its parameters (${plan.types.join(', ')})`)
  }
  return {...query, bindings: query.given.map((values) => ({stratum: 'given', values}))}
}

/** The server takes them. */
function fits({sql}: Query, values: readonly Value[], session: Session): Promise<boolean> {
  return attempt(session, () => session.read(`${EXPLAIN} ${sql}`, values)).then(
    () => true,
    (error: unknown) => {
      if (error instanceof DatabaseError && session.isOpen) return false
      throw error
    },
  )
}

/** Sets of several tables side by side; a table that has none of a kind stays typical. */
function combined(query: Query, {fixed, drawn}: Solved): readonly Binding[] {
  const known = new Set<string>()
  const setsOf = (kind: 'common' | 'typical' | 'absent') => {
    const most = Math.max(0, ...drawn.map((table) => table[kind].length))
    return Array.from({length: most}, (_, turn) => {
      // One table without an answer is enough.
      const absent = drawn.findIndex((table) => table.absent.length > 0)
      const own = drawn.map((table, index) => (kind === 'absent' && index !== absent ? [] : table[kind]))
      const sets = own.map((some, index) => some[turn % Math.max(1, some.length)] ?? drawn[index]?.typical[0])
      return binding(kind, query, new Map<number, Value>([...fixed, ...sets.flatMap((set) => [...(set ?? [])])]))
    })
  }
  const all = [...setsOf('common'), ...setsOf('typical'), ...setsOf('absent')]
  const sets = all.length > 0 ? all : [binding('typical', query, fixed)]
  return sets.filter(({values}) => {
    const key = JSON.stringify(values)
    return !known.has(key) && known.add(key)
  })
}

function binding(stratum: Stratum, query: Query, values: ReadonlyMap<number, Value>): Binding {
  return {stratum, values: numbers(query).map((number) => values.get(number) ?? null)}
}

function numbers({parameters}: Query): readonly number[] {
  return Array.from({length: parameters}, (_, index) => index + 1)
}

function missingWords(missing: readonly number[], {types}: GenericPlan, {place}: Query): string {
  const names = missing.map((number) => `$${number}`).join(', ')
  const example = types.map((type) => `<${type}>`).join(', ')
  const where = place === undefined ? 'put it into a file, and above it' : 'write above it'
  return `missing parameters: no value for ${names} can be drawn from the data; ${where}: -- params: ${example}`
}

/** Our numbering of parameters taken back. A message of class 22 quotes a value, which may be somebody's. */
function wordsOf({message, code}: DatabaseError): string {
  if (code?.startsWith('22') === true) return `the server refuses a value in it (SQLSTATE ${code})`
  return message.replace(/\$(\d+)/g, (_, number: string) => `$${Number(number) - FIRST}`)
}
