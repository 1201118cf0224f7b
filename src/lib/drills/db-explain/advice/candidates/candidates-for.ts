/** From one scan to the indexes that are worth trying for it, and to those that are not, with the reason. Pure. */
import {covers} from '../covers.js'
import {bodyOf} from '../ddl.js'
import type {Candidate, Rejected} from '../index-design.js'
import type {Scan} from '../scans/scan.js'
import type {TableFacts} from '../table-facts.js'
import {brinFor, hashFor} from './cheap.js'
import {coveringFor} from './covering.js'
import {invertedFor} from './inverted.js'
import {branchesFor} from './branches.js'
import {treesFor} from './trees.js'
import {explainsNothingFound, explainsUnindexable} from './unindexable.js'
import type {Ask, View, Wish, Wished} from './view.js'

export interface Advice {
  readonly candidates: readonly Candidate[]
  readonly rejected: readonly Rejected[]
  /** Why there is no candidate: `reads 84 % of the table`, `messages_room_idx serves it already`; undefined where there is one. */
  readonly why: string | undefined
}

/** The grammar must have been loaded, as findScans and readTableFacts do. */
export function candidatesFor(scan: Scan, facts: TableFacts, ask: Ask): Advice {
  const view: View = {...ask, scan, facts}
  const hopeless = explainsUnindexable(view)
  if (hopeless !== undefined) return {candidates: [], rejected: [], why: hopeless}
  const {wishes, given} = wishedFor(view)
  const judged = once(wishes).map((wish) => judge(wish, view))
  const candidates = judged.flatMap((one) => ('why' in one ? [one] : []))
  const covered = judged.flatMap((one) => ('reason' in one ? [one] : []))
  const winners = candidates.some(({alternative}) => alternative !== true)
  const rejected = [...given, ...covered]
  if (winners) return {candidates, rejected, why: undefined}
  return {candidates, rejected, why: whyNone(rejected, covered, view)}
}

function wishedFor(view: View): Wished {
  const trees = treesFor(view)
  const found = [trees, coveringFor(trees.wishes, view), invertedFor(view), branchesFor(view)]
  const cheap = [...hashFor(view), ...brinFor(view)]
  return {
    wishes: [...found.flatMap(({wishes}) => wishes), ...cheap],
    given: found.flatMap(({given}) => given),
  }
}

function once(wishes: readonly Wish[]): readonly Wish[] {
  return [...new Map(wishes.map((wish) => [bodyOf(wish.design), wish])).values()]
}

/** Against what exists already; an invalid index serves nobody. */
function judge({design, use, why, alternative, needs = []}: Wish, {facts, query}: View): Candidate | Rejected {
  const serves = [query]
  const serving = facts.indexes.filter((existing) => covers(existing.design, design, use))
  const valid = serving.find(({isValid}) => isValid)
  if (valid !== undefined) return {design, serves, reason: `${valid.name} covers it`}
  const broken = serving[0] === undefined ? '' : `; ${serving[0].name} would do, but is invalid: REINDEX it`
  return {design, serves, why: `${why}${broken}`, needs, ...(alternative === undefined ? {} : {alternative})}
}

function whyNone(rejected: readonly Rejected[], covered: readonly Rejected[], view: View): string {
  const [existing] = covered
  if (existing !== undefined) return existing.reason.replace(/ covers it$/, ' serves it already')
  const [first] = rejected
  return first === undefined ? explainsNothingFound(view) : first.reason
}
