/** Which tables plans read. */
import type {Plan, Relation} from './plan-node.js'
import {everyNode} from './shape.js'

/** Each once. */
export function relationsOf(plans: readonly Plan[]): readonly Pick<Relation, 'schema' | 'name'>[] {
  const all = plans.flatMap(({root}) => everyNode(root).flatMap(({relation}) => relation ?? []))
  return [...new Map(all.map(({schema, name}) => [`${schema}\0${name}`, {schema, name}])).values()]
}
