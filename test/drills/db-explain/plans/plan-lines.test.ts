import {expect, test} from 'vitest'
import {planLines, type PlanLook} from '../../../../src/lib/drills/db-explain/plans/plan-lines.js'
import {readPlan} from '../../../../src/lib/drills/db-explain/plans/read-plan.js'
import {answer, inner, outer, POSTGRES_13, POSTGRES_16_GENERIC, POSTGRES_18, ran, type Raw} from './raw-plans.js'

function text(given: unknown, look?: PlanLook): string {
  const lines = planLines(readPlan(given), look)
  return `\n${lines
    .map((line) =>
      line
        .map((span) => span.text)
        .join('')
        .trimEnd(),
    )
    .join('\n')}\n`
}

/** Texts of one tone. */
function toned(given: unknown, tone: string, look?: PlanLook): string[] {
  return planLines(readPlan(given), look).flatMap((line) =>
    line.filter((span) => span.tone === tone).map((span) => span.text),
  )
}

test('a parallel plan with an InitPlan', () => {
  expect(text(POSTGRES_13)).toMatchInlineSnapshot(`
    "
      own ms  total  rows  planned  loops  hit  read
        1.00   40.0    10       10      1    0     0  Finalize Aggregate
        6.00   6.00    10       10      1   20     0  ├ InitPlan 1 (returns $0): Result
        3.00   39.0    10       10      1    0     0  └ Gather
    ►   30.0   30.0    10       10      3  100    30    └ Parallel Seq Scan on messages m
                                                            drops 900 a loop · filter: m.id > $0
      executed in 50 ms · planned in 100 µs · 2 workers planned, 2 launched · compiled (JIT)
      with work_mem = 64MB
    "
  `)
})

test('a plan that was not run shows costs and what the planner expects', () => {
  expect(text(POSTGRES_16_GENERIC)).toMatchInlineSnapshot(`
    "
      own cost  total  rows planned
             0     60            50  Limit
    ►       60    900         1,000  └ Index Scan Backward using "Messages By Room" on "Messages" m
                                         index: m."roomId" = $1
      planned in 200 µs
    "
  `)
})

test('rows in fractions, and an estimate that is far off', () => {
  expect(text(POSTGRES_18)).toMatchInlineSnapshot(`
    "
      own ms  total  rows  planned   off  loops  hit
        4.00   30.0    13       10            1    0  Nested Loop
        2.00   2.00     4       10            1    5  ├ Seq Scan on rooms
    ►   24.0   24.0  0.33      400  ×400      4   72  └ Index Only Scan on members
                                                          using members_room_idx
                                                          3 heap fetches · 9 index searches · index:
                                                          members.room_id = rooms.id
      executed in 50 ms · planned in 100 µs
    "
  `)
  expect(toned(POSTGRES_18, 'hot')).toContain('×400')
})

const scan = (more: Raw = {}) =>
  ran('Seq Scan', 9, {
    'Relation Name': 'users',
    Schema: 'app',
    Alias: 'u',
    Filter: `(u.email = 'a@b.example'::text)`,
    ...more,
  })

test('the user’s data is hidden unless it is asked for', () => {
  expect(text(answer(scan()))).toContain(`filter: u.email = '…'::text`)
  expect(text(answer(scan()))).not.toContain('a@b.example')
  expect(text(answer(scan()), {literals: true})).toContain(`u.email = 'a@b.example'::text`)
})

test('no line is wider than it may be, however long the conditions and however deep the tree', () => {
  const long = scan({Filter: `(${Array.from({length: 40}, (_, n) => `(column_${n} = 'x'::text)`).join(' AND ')})`})
  const deep = Array.from({length: 12}).reduce<Raw>(
    (below) => ran('Sort', 10, {'Sort Key': ['a'], Plans: [outer(below)]}),
    long,
  )
  for (const width of [80, 100]) {
    const lines = text(answer(deep), {width}).split('\n')
    expect(lines.filter((line) => line.length > width)).toEqual([])
    expect(lines.some((line) => line.endsWith('…'))).toBe(true)
  }
})

test('a schema is told where there are several', () => {
  const join = (schema: string) => answer(ran('Hash Join', 20, {Plans: [outer(scan()), inner(scan({Schema: schema}))]}))
  expect(text(join('app'))).toContain('Seq Scan on users u')
  expect(text(join('audit'))).toContain('Seq Scan on audit.users u')
})

test('an index that is new stands out', () => {
  const plan = answer(ran('Index Scan', 1, {'Index Name': 'try_1', 'Relation Name': 'users', Schema: 'app'}))
  expect(toned(plan, 'good')).toEqual([])
  expect(toned(plan, 'good', {newIndexes: ['try_1']})).toEqual(['try_1'])
})

test('the name of an index that does not fit stands below, and the table beside its scan', () => {
  const name = 'messages_room_id_created_at_id_deleted_at_3fa9c1_idx'
  const index = {'Index Name': name, 'Index Cond': '(room_id = 7)', 'Relation Name': 'messages', Schema: 'public'}
  const plan = answer(ran('Limit', 2, {Plans: [outer(ran('Index Scan', 1, {...index, 'Scan Direction': 'Backward'}))]}))
  expect(text(plan, {width: 80})).toMatchInlineSnapshot(`
    "
      own ms  total  rows  planned  loops
    ►   1.00   2.00    10       10      1  Limit
        1.00   1.00    10       10      1  └ Index Scan Backward on messages
                          using messages_room_id_created_at_id_deleted_at_3fa9c1_idx
                                               index: room_id = …
      executed in 50 ms · planned in 100 µs
    "
  `)
  expect(toned(plan, 'good', {width: 80, newIndexes: [name]})).toEqual([name])
  expect(text(plan, {width: 140})).toContain(`Index Scan Backward using ${name} on messages`)
})

test('a node that never ran has no figures', () => {
  const plan = answer(
    ran('Append', 5, {
      Plans: [outer(scan({'Actual Loops': 0, 'Actual Rows': 0})), inner(scan({'Actual Total Time': 4}))],
    }),
  )
  expect(text(plan)).toMatch(/– +– +– +10 +0 {2}├ Seq Scan/)
})

test.each([
  ['stopped by a LIMIT', (below: Raw) => ran('Limit', 5, {Plans: [outer(below)]}), false],
  [
    'stopped by a LIMIT further up',
    (below: Raw) => ran('Limit', 5, {Plans: [outer(ran('Result', 5, {Plans: [outer(below)]}))]}),
    false,
  ],
  [
    'read to its end by a Sort',
    (below: Raw) => ran('Limit', 5, {Plans: [outer(ran('Sort', 5, {Plans: [outer(below)]}))]}),
    true,
  ],
  [
    'asked for one match',
    (below: Raw) => ran('Nested Loop', 5, {'Join Type': 'Semi', Plans: [outer(scan()), inner(below)]}),
    false,
  ],
  ['read to its end', (below: Raw) => ran('Result', 5, {Plans: [outer(below)]}), true],
])('a scan that was %s and passed on too few rows', (_case, above, isMarked) => {
  const plan = answer(above(scan({'Actual Rows': 10, 'Plan Rows': 5000})))
  expect(text(plan).includes('×500')).toBe(isMarked)
})

test('settings that change plans are told', () => {
  expect(text(answer(scan(), {Settings: {work_mem: '64MB', jit: 'off'}}))).toContain('with work_mem = 64MB, jit = off')
})
