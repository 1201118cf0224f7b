/** Gives new indexes, wherever they are told of, the names that the statements to apply give them, in place of those under which they were tried. Pure. */
import {nameOf} from './advice/ddl.js'
import type {Plan, PlanNode, Relation} from './plans/plan-node.js'
import {indexesOf} from './plans/shape.js'
import type {Chosen} from './trial/choose.js'

type Table = Pick<Relation, 'schema' | 'name'>

export class FinalNames {
  readonly #all: readonly Pick<Chosen, 'built'>[]

  constructor(all: readonly Pick<Chosen, 'built'>[]) {
    this.#all = all
  }

  /** Of a part on a partition, `table` says which; what is not new keeps its name. */
  of(index: string, table?: Table): string {
    const built = this.#all.map((one) => one.built).find(({names}) => names.includes(index))
    if (built === undefined) return index
    const {design} = built
    return nameOf(index === built.name || table === undefined ? design : {...design, ...onTable(table)})
  }

  inPlan(plan: Plan): Plan {
    const root = this.#inNode(plan.root, undefined)
    return {...plan, root, indexes: indexesOf(root)}
  }

  /** Of the new ones that a plan reads. */
  newIn(plan: Plan): readonly string[] {
    const tried = new Set(this.#all.flatMap(({built}) => built.names))
    const before = plan.indexes.filter((index) => !tried.has(index))
    return this.inPlan(plan).indexes.filter((index) => !before.includes(index))
  }

  /** A scan of an index into a bitmap does not say its table, but what reads the bitmap does. */
  #inNode(node: PlanNode, above: Table | undefined): PlanNode {
    const table = node.relation ?? above
    const children = node.children.map((child) => this.#inNode(child, table))
    return node.index === undefined ? {...node, children} : {...node, children, index: this.of(node.index, table)}
  }
}

function onTable({schema, name}: Table): {schema: string; table: string} {
  return {schema, table: name}
}
