/** Plans as EXPLAIN (FORMAT JSON) writes them, made by hand: only what matters to the test. */

export interface Raw {
  readonly [key: string]: unknown
  readonly Plans?: readonly Raw[]
}

/** A node that ran: `ms` and `rows` of one loop. */
export function ran(type: string, ms: number, more: Raw = {}): Raw {
  return {
    'Node Type': type,
    'Startup Cost': 0,
    'Total Cost': 100,
    'Plan Rows': 10,
    'Plan Width': 8,
    'Actual Startup Time': 0,
    'Actual Total Time': ms,
    'Actual Rows': 10,
    'Actual Loops': 1,
    ...more,
  }
}

export const outer = (raw: Raw): Raw => ({'Parent Relationship': 'Outer', ...raw})
export const inner = (raw: Raw): Raw => ({'Parent Relationship': 'Inner', ...raw})
export const initPlan = (name: string, raw: Raw): Raw => ({
  'Parent Relationship': 'InitPlan',
  'Subplan Name': name,
  ...raw,
})

export function answer(plan: Raw, more: Raw = {}): unknown {
  return [{Plan: plan, 'Planning Time': 0.1, 'Execution Time': 50, ...more}]
}

const worker = (number: number, ms: number): Raw => ({
  'Worker Number': number,
  'Actual Startup Time': 0,
  'Actual Total Time': ms,
  'Actual Rows': 10,
  'Actual Loops': 1,
})

/** As Postgres 13 prints it: whole rows, `$0` for an InitPlan, no `Async Capable`. */
export const POSTGRES_13 = answer(
  ran('Aggregate', 40, {
    Strategy: 'Plain',
    'Partial Mode': 'Finalize',
    'Parallel Aware': false,
    Output: ['count(*)'],
    'Shared Hit Blocks': 120,
    'Shared Read Blocks': 30,
    Plans: [
      initPlan('InitPlan 1 (returns $0)', ran('Result', 6, {'Parallel Aware': false, 'Shared Hit Blocks': 20})),
      outer(
        ran('Gather', 39, {
          'Workers Planned': 2,
          'Workers Launched': 2,
          'Params Evaluated': ['$0'],
          'Shared Hit Blocks': 120,
          'Shared Read Blocks': 30,
          Plans: [
            outer(
              ran('Seq Scan', 20, {
                'Parallel Aware': true,
                'Relation Name': 'messages',
                Schema: 'public',
                Alias: 'm',
                Filter: '(m.id > $0)',
                'Rows Removed by Filter': 900,
                'Actual Loops': 3,
                'Shared Hit Blocks': 100,
                'Shared Read Blocks': 30,
                Workers: [worker(0, 30), worker(1, 10)],
              }),
            ),
          ],
        }),
      ),
    ],
  }),
  {Settings: {work_mem: '64MB'}, JIT: {Functions: 4, Timing: {Total: 3}}, Planning: {'Shared Hit Blocks': 3}},
)

/** As Postgres 16 prints it, of a plan without values: nothing ran. */
export const POSTGRES_16_GENERIC = [
  {
    Plan: {
      'Node Type': 'Limit',
      'Parallel Aware': false,
      'Async Capable': false,
      'Startup Cost': 0.42,
      'Total Cost': 60,
      'Plan Rows': 50,
      'Plan Width': 40,
      Output: ['id'],
      Plans: [
        {
          'Node Type': 'Index Scan',
          'Parent Relationship': 'Outer',
          'Parallel Aware': false,
          'Async Capable': false,
          'Scan Direction': 'Backward',
          'Index Name': 'Messages By Room',
          'Relation Name': 'Messages',
          Schema: 'Chat',
          Alias: 'm',
          'Startup Cost': 0.42,
          'Total Cost': 900,
          'Plan Rows': 1000,
          'Plan Width': 40,
          Output: ['m.id'],
          'Index Cond': '(m."roomId" = $1)',
        },
      ],
    },
    'Planning Time': 0.2,
  },
]

/** As Postgres 18 prints it: rows in fractions, index searches, nodes that are disabled. */
export const POSTGRES_18 = answer(
  ran('Nested Loop', 30, {
    'Join Type': 'Inner',
    'Inner Unique': false,
    Disabled: false,
    'Actual Rows': 12.5,
    'Shared Hit Blocks': 77,
    Plans: [
      outer(
        ran('Seq Scan', 2, {
          Disabled: true,
          'Relation Name': 'rooms',
          Schema: 'public',
          Alias: 'rooms',
          'Actual Rows': 4.0,
          'Shared Hit Blocks': 5,
        }),
      ),
      inner(
        ran('Index Only Scan', 6, {
          'Scan Direction': 'Forward',
          'Index Name': 'members_room_idx',
          'Relation Name': 'members',
          Schema: 'public',
          Alias: 'members',
          'Index Cond': '(members.room_id = rooms.id)',
          'Actual Rows': 0.33,
          'Actual Loops': 4,
          'Plan Rows': 400,
          'Heap Fetches': 3,
          'Index Searches': 9,
          'Shared Hit Blocks': 72,
        }),
      ),
    ],
  }),
  {Triggers: [], 'Something New': {deep: [1]}},
)
