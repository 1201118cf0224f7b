/** Whether an expression may be a key of an index: Postgres takes only what gives the same answer for ever. Pure. */
import type {A_Expr, FuncCall, Node, TypeCast} from 'libpg-query'
import {lastOf, visit} from '../conditions/tree.js'
import type {ServerFacts, TableFacts} from '../table-facts.js'
import {castTypeOf, typeOf} from './types-of.js'

const STRINGS = ['text', 'character varying', 'character', 'name', 'citext']
const TIME = /^(timestamp|time|date|interval)/
const WITHOUT_ZONE = ['timestamp without time zone', 'date']
/** Parts that ask the clock, the user or another table. */
const NEVER = ['SQLValueFunction', 'SubLink', 'ParamRef', 'AggRef', 'WindowFunc']

/** Why it may not: `date_trunc() depends on the time zone or on other settings`; undefined where nothing speaks against it. */
export function mutableReason(tree: Node, facts: TableFacts, server: ServerFacts): string | undefined {
  const reasons: string[] = []
  visit(tree, (kind, value) => {
    const reason = reasonOf(kind, value, {facts, server})
    if (reason !== undefined) reasons.push(reason)
  })
  return reasons[0]
}

interface Known {
  readonly facts: TableFacts
  readonly server: ServerFacts
}

function reasonOf(kind: string, value: unknown, known: Known): string | undefined {
  if (NEVER.includes(kind)) return 'its value is not of the row alone'
  if (kind === 'FuncCall') {
    const {funcname, args = []} = value as FuncCall
    return signatureReason(lastOf(funcname), args, known)
  }
  if (kind === 'A_Expr') {
    const {name, lexpr, rexpr} = value as A_Expr
    return signatureReason(
      lastOf(name),
      [lexpr, rexpr].flatMap((side) => side ?? []),
      known,
    )
  }
  return kind === 'TypeCast' ? castReason(value as TypeCast, known.facts) : undefined
}

/** Of several functions of a name those are looked at that could take these arguments. */
function signatureReason(name: string, args: readonly Node[], {facts, server}: Known): string | undefined {
  const all = server.signatures.get(`${name}/${args.length}`) ?? []
  const types = args.map((arg) => typeOf(arg, facts))
  const fitting = all.filter((one) => one.arguments.every((wanted, at) => fits(types[at], wanted)))
  // `text || text` comes before `anynonarray || text`.
  const exact = fitting.filter((one) => !one.arguments.some((wanted) => wanted.startsWith('any')))
  const meant = [exact, fitting, all].find(({length}) => length > 0) ?? []
  const word = /^\w/.test(name) ? `${name}()` : name
  if (meant.length === 0) return `${word} is not known`
  return meant.every(({immutable}) => immutable) ? undefined : `${word} depends on the time zone or on other settings`
}

function fits(given: string | undefined, wanted: string): boolean {
  if (given === undefined || given === wanted || wanted.startsWith('any')) return true
  return STRINGS.includes(given) && STRINGS.includes(wanted)
}

/** Dates and times are read and written as the session's settings say; enums because their names can change. */
function castReason({arg, typeName}: TypeCast, facts: TableFacts): string | undefined {
  if (arg === undefined || 'A_Const' in arg) return undefined
  const to = castTypeOf(typeName)
  const from = typeOf(arg, facts) ?? ''
  const isEnum = facts.columns.some(({baseType, category}) => category === 'E' && baseType === from)
  const asks = TIME.test(to) || TIME.test(from) || isEnum
  const safe = to === from || [to, from].every((type) => WITHOUT_ZONE.includes(type))
  return asks && !safe ? `the cast to ${to} depends on the session's settings` : undefined
}
