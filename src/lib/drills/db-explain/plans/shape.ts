/** What two plans have in common, whatever the values: the same nodes on the same relations by the same indexes. */
import {createHash} from 'node:crypto'
import type {PlanNode} from './plan-node.js'

/** Names of the indexes that it reads, each once, in the order of the tree. */
export function indexesOf(root: PlanNode): readonly string[] {
  return [...new Set(everyNode(root).flatMap(({index}) => index ?? []))]
}

/** Twelve hexadecimal digits. */
export function shapeOf(root: PlanNode): string {
  return createHash('sha256')
    .update(JSON.stringify(outline(root)))
    .digest('hex')
    .slice(0, 12)
}

/** From the root, each parent before its children. */
export function everyNode(root: PlanNode): readonly PlanNode[] {
  return [root, ...root.children.flatMap(everyNode)]
}

type Outline = readonly [...(string | null)[], readonly Outline[]]

function outline({type, heading, relationship, relation, index, source, children}: PlanNode): Outline {
  const place = relation === undefined ? (source ?? null) : JSON.stringify([relation.schema, relation.name])
  return [heading ?? type, relationship ?? null, place, index ?? null, children.map(outline)]
}
