import fc from 'fast-check'
import {expect, test} from 'vitest'
import {exclusiveCosts} from '../../../../src/lib/drills/db-explain/plans/hot-node.js'
import type {PlanNode} from '../../../../src/lib/drills/db-explain/plans/plan-node.js'
import {readPlan} from '../../../../src/lib/drills/db-explain/plans/read-plan.js'
import {everyNode} from '../../../../src/lib/drills/db-explain/plans/shape.js'
import {answer, ran, type Raw} from './raw-plans.js'

const TYPES = ['Gather', 'Gather Merge', 'CTE Scan', 'Seq Scan', 'Nested Loop', 'Append', 'Limit', 'Result', 'Sort']
const PLACES = [
  {'Parent Relationship': 'Outer'},
  {'Parent Relationship': 'Outer'},
  {'Parent Relationship': 'Inner'},
  {'Parent Relationship': 'Member'},
  {'Parent Relationship': 'SubPlan', 'Subplan Name': 'SubPlan 3'},
  {'Parent Relationship': 'InitPlan', 'Subplan Name': 'InitPlan 1 (returns $0)'},
  {'Parent Relationship': 'InitPlan', 'Subplan Name': 'InitPlan 2'},
  {'Parent Relationship': 'InitPlan', 'Subplan Name': 'CTE a'},
  {'Parent Relationship': 'InitPlan', 'Subplan Name': 'CTE b'},
]

const figure = fc.double({min: 0, max: 1000, noNaN: true})
const blocks = fc.integer({min: 0, max: 10_000})

/** Nothing holds them together: parents shorter than children, CTEs that read each other, loops without workers. */
const rawNode: fc.Arbitrary<Raw> = fc.letrec<{node: Raw}>((tie) => ({
  node: fc
    .record(
      {
        place: fc.constantFrom(...PLACES),
        type: fc.constantFrom(...TYPES),
        ms: figure,
        loops: fc.integer({min: 0, max: 5}),
        cte: fc.constantFrom('a', 'b', 'c'),
        filter: fc.constantFrom('', '(x > $0)', '(x > (InitPlan 2).col1)'),
        workers: fc.array(figure, {maxLength: 3}),
        hit: blocks,
        cost: figure,
        rows: figure,
        plans: fc.array(tie('node'), {maxLength: 4, depthIdentifier: 'plan'}),
      },
      {requiredKeys: ['place', 'type', 'ms', 'loops', 'cte', 'filter', 'workers', 'hit', 'cost', 'rows']},
    )
    .map(({place, type, ms, loops, cte, filter, workers, hit, cost, rows, plans = []}) =>
      ran(type, ms, {
        ...place,
        'Actual Loops': loops,
        'CTE Name': cte,
        Filter: filter,
        Workers: workers.map((total, n) => ({'Worker Number': n, 'Actual Total Time': total, 'Actual Loops': 1})),
        'Workers Launched': workers.length,
        'Shared Hit Blocks': hit,
        'Total Cost': cost,
        'Plan Rows': rows,
        Plans: plans,
      }),
    ),
})).node

const sum = (nodes: readonly PlanNode[], of: (node: PlanNode) => number) =>
  nodes.reduce((all, node) => all + of(node), 0)

test('whatever the tree, own times add up to what the root took, and none is negative', () => {
  fc.assert(
    fc.property(rawNode, (raw) => {
      const {root} = readPlan(answer(raw))
      const nodes = everyNode(root)
      for (const {exclusiveMs, buffers} of nodes) {
        expect(exclusiveMs).toBeGreaterThanOrEqual(0)
        expect(buffers.hit).toBeGreaterThanOrEqual(0)
      }
      expect(sum(nodes, ({exclusiveMs}) => exclusiveMs ?? NaN)).toBeCloseTo(root.inclusiveMs ?? NaN, 6)
      // Each node's blocks are rounded.
      const hit = Number(raw['Shared Hit Blocks'])
      expect(Math.abs(sum(nodes, ({buffers}) => buffers.hit) - hit)).toBeLessThanOrEqual(nodes.length / 2 + 1e-6)
    }),
    {numRuns: 3000},
  )
})

test('own costs add up to that of the root, and none is negative', () => {
  fc.assert(
    fc.property(rawNode, (raw) => {
      const {root} = readPlan(answer(raw))
      const costs = [...exclusiveCosts(root).values()]
      expect(Math.min(...costs)).toBeGreaterThanOrEqual(0)
      expect(costs.reduce((all, cost) => all + cost, 0)).toBeCloseTo(root.totalCost, 6)
    }),
  )
})
