/** OR over several columns: one index for each side, which Postgres reads together as bitmaps. Pure. */
import type {Condition} from '../conditions/condition.js'
import type {Rejected} from '../index-design.js'
import {invertedFor} from './inverted.js'
import {treesFor} from './trees.js'
import type {View, Wish, Wished} from './view.js'

export function branchesFor(view: View): Wished {
  const all = view.scan.conditions.filter(({kind}) => kind === 'or').map((condition) => branchesOf(condition, view))
  return {wishes: all.flatMap(({wishes}) => wishes), given: all.flatMap(({given}) => given)}
}

/** Where one side has nothing to look up, the whole table must be read for it, and the others are in vain. */
function branchesOf({branches}: Condition, view: View): Wished {
  const sides = branches.map((branch) => sideOf(branch, view))
  const given = sides.flatMap((side) => side.given)
  const found = sides.flatMap(({wishes}) => wishes.slice(0, 1))
  if (found.length === sides.length) return {wishes: found, given}
  const reason = 'another side of the OR has nothing to look up, so that the table is read anyway'
  return {wishes: [], given: [...given, ...found.map(({design}): Rejected => ({design, serves: [view.query], reason}))]}
}

/** Looked at by itself: the order of the rows and the joins are those of the whole. */
function sideOf(branch: readonly Condition[], view: View): Wished {
  const alone: View = {...view, scan: {...view.scan, conditions: branch, joins: [], order: [], limit: undefined}}
  const trees = treesFor(alone)
  const inverted = invertedFor(alone)
  return {wishes: [...trees.wishes, ...inverted.wishes].map(asSide), given: [...trees.given, ...inverted.given]}
}

function asSide(wish: Wish): Wish {
  return {...wish, why: `one side of an OR: ${wish.why}`}
}
