/** The pure parts of the checks, as tables: what they make of facts, and how they reckon. */
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {seededRandom} from '../../../../src/lib/base/random.js'
import {breakEven} from '../../../../src/lib/drills/db-explain/checks/cache/hot-reads.js'
import {zipf} from '../../../../src/lib/drills/db-explain/checks/cache/zipf.js'
import {lookupOf} from '../../../../src/lib/drills/db-explain/checks/lookup.js'
import {estimatesOf} from '../../../../src/lib/drills/db-explain/checks/maintenance/estimates.js'
import {judgeMaintenance} from '../../../../src/lib/drills/db-explain/checks/maintenance/judge.js'
import {checkMetrics, type CheckMetric} from '../../../../src/lib/drills/db-explain/checks/metrics.js'
import {arrayText} from '../../../../src/lib/drills/db-explain/checks/n-plus-one/batching.js'
import {suspect} from '../../../../src/lib/drills/db-explain/checks/n-plus-one/suspect.js'
import {countedBetween, type Counted} from '../../../../src/lib/drills/db-explain/checks/n-plus-one/statements.js'
import {judgePagination} from '../../../../src/lib/drills/db-explain/checks/pagination/judge.js'
import type {PaginationFacts} from '../../../../src/lib/drills/db-explain/checks/pagination/run.js'
import {savingOf} from '../../../../src/lib/drills/db-explain/checks/paired-saving.js'
import {kneeOf, sizesFor} from '../../../../src/lib/drills/db-explain/checks/pool/sizes.js'
import {counted, distributions, gauges, shares} from '../../../../src/lib/drills/db-explain/checks/slices.js'
import type {IndexFacts} from '../../../../src/lib/drills/db-explain/checks/unused/indexes.js'
import {redundantIndexes} from '../../../../src/lib/drills/db-explain/checks/unused/redundant.js'
import type {Plan, PlanNode} from '../../../../src/lib/drills/db-explain/plans/plan-node.js'
import {Histogram} from '../../../../src/lib/metrics/histogram.js'
import {verdictOn} from './kit.js'

describe('metric slices', () => {
  const encoded = (...values: readonly number[]) => {
    const histogram = new Histogram()
    for (const value of values) histogram.record(value)
    return histogram.encode()
  }

  test.each([
    [
      'a gauge with its tags',
      gauges('pool_throughput', [{tags: {size: '4'}, value: 7}]),
      'pool_throughput{size=4} >= 7/s',
      'pass',
    ],
    ['the worst of several', gauges('keyset_speedup', [{value: 0.9}, {value: 0.2}]), 'keyset_speedup >= 50%', 'fail'],
    [
      'one over noise',
      gauges('keyset_speedup', [{value: 0.6, interval: [0.3, 0.9]}]),
      'keyset_speedup >= 50%',
      'inconclusive',
    ],
    ['one that was not taken', gauges('pool_used', [], [{why: 'full'}]), 'pool_used < 80%', 'inconclusive'],
    ['a count of none', counted('unused_indexes', [], 12), 'unused_indexes == 0', 'pass'],
    [
      'a count of a table',
      counted('unused_indexes', [{tags: {table: 'a.b'}, value: 1}], 12),
      'unused_indexes{table=a.b} == 0',
      'fail',
    ],
    [
      'another table',
      counted('unused_indexes', [{tags: {table: 'a.b'}, value: 1}], 12),
      'unused_indexes{table=c} == 0',
      'pass',
    ],
    ['a count on nothing', counted('stale_reads', [], 0), 'stale_reads == 0', 'inconclusive'],
    ['a share', shares('redis_hit_ratio', [{value: {hits: 990, trials: 1000}}]), 'redis_hit_ratio >= 95%', 'pass'],
    [
      'a share without trials',
      shares('cache_hit_ratio', [{value: {hits: 0, trials: 0}}]),
      'cache_hit_ratio >= 95%',
      'inconclusive',
    ],
    ['times', distributions('insert_latency', [{value: encoded(1, 2, 3)}]), 'max(insert_latency) < 5ms', 'pass'],
    [
      'times that are too long',
      distributions('insert_latency', [{value: encoded(1, 60)}]),
      'max(insert_latency) < 5ms',
      'fail',
    ],
    ['no times', distributions('insert_latency', []), 'p95(insert_latency) < 50ms', 'inconclusive'],
  ])('%s', (_, metrics, threshold, verdict) => {
    expect(verdictOn(threshold, metrics)).toBe(verdict)
  })

  test('every metric says what it means, and only known ones are made', () => {
    for (const [name, definition] of Object.entries(checkMetrics)) {
      expect(definition.meaning.length).toBeGreaterThan(15)
      expect(Object.values(gauges(name as CheckMetric, []))[0]?.definition).toBe(definition)
    }
  })
})

describe('redundant indexes', () => {
  const index = (oid: number, keys: string, more: Partial<IndexFacts> = {}): IndexFacts => ({
    oid,
    schema: 's',
    table: 't',
    name: `i${oid}`,
    quoted: `s.i${oid}`,
    method: 'btree',
    keys: keys.split(' ').map((key) => `${key} 1978 0`),
    options: keys.split(' ').map(() => 0),
    include: [],
    predicate: null,
    unique: false,
    needed: false,
    valid: true,
    partitioned: false,
    scans: 1,
    bytes: 8192,
    ...more,
  })

  test.each<[string, readonly IndexFacts[], readonly string[]]>([
    ['the same keys: the later one goes', [index(1, 'a b'), index(2, 'a b')], ['i2']],
    [
      'the same keys: the one that a constraint needs stays',
      [index(1, 'a'), index(2, 'a', {needed: true, unique: true})],
      ['i1'],
    ],
    ['first keys of a longer one', [index(1, 'a'), index(2, 'a b')], ['i1']],
    ['second keys of a longer one', [index(1, 'b'), index(2, 'a b')], []],
    ['first keys, but unique', [index(1, 'a', {unique: true}), index(2, 'a b')], []],
    ['another direction throughout is the same backwards', [index(1, 'a', {options: [3]}), index(2, 'a b')], ['i1']],
    ['descending with nulls last is not', [index(1, 'a', {options: [1]}), index(2, 'a b')], []],
    ['both keys the same way, against one turned', [index(1, 'a b'), index(2, 'a b', {options: [0, 3]})], []],
    ['another predicate', [index(1, 'a', {predicate: '(gone IS NULL)'}), index(2, 'a b')], []],
    ['the same predicate', [index(1, 'a', {predicate: 'p'}), index(2, 'a b', {predicate: 'p'})], ['i1']],
    ['another operator class', [index(1, 'a', {keys: ['a 4217 0']}), index(2, 'a b')], []],
    ['another table', [index(1, 'a', {table: 'u'}), index(2, 'a b')], []],
    ['by one that is not valid', [index(1, 'a'), index(2, 'a b', {valid: false})], []],
    ['hash and b-tree', [index(1, 'a', {method: 'hash'}), index(2, 'a b')], []],
    ['first keys of a longer GIN', [index(1, 'a', {method: 'gin'}), index(2, 'a b', {method: 'gin'})], []],
    ['it carries a column that the other one has not', [index(1, 'a', {include: ['c']}), index(2, 'a b')], []],
    ['it carries a column that is a key of the other one', [index(1, 'a', {include: ['b']}), index(2, 'a b')], ['i1']],
    ['three alike: one stays', [index(1, 'a'), index(2, 'a'), index(3, 'a')], ['i2', 'i3']],
  ])('%s', (_, indexes, going) => {
    expect(redundantIndexes(indexes).map((one) => one.index.name)).toEqual(going)
  })

  test('something that stays does the work of each that goes', () => {
    const some = fc.array(fc.tuple(fc.constantFrom('a', 'a b', 'a b c', 'b'), fc.boolean(), fc.nat(3)), {maxLength: 8})
    fc.assert(
      fc.property(some, (drawn) => {
        const indexes = drawn.map(([keys, needed, size], place) => index(place + 1, keys, {needed, bytes: size}))
        const redundant = redundantIndexes(indexes)
        const going = new Set(redundant.map((one) => one.index.oid))
        for (const {keys} of indexes)
          expect(
            indexes.some((one) => !going.has(one.oid) && keys.every((key, place) => one.keys[place] === key)),
          ).toBe(true)
      }),
    )
  })
})

describe('lookups', () => {
  test.each([
    ['SELECT name FROM users WHERE id = $1', 'users.id', 'SELECT name FROM users WHERE id = ANY($1)'],
    [
      'SELECT u.* FROM app."Users" u WHERE u."Id" = $1 AND NOT u.gone',
      'Users.Id',
      'SELECT u.* FROM app."Users" u WHERE u."Id" = ANY($1) AND NOT u.gone',
    ],
    ["SELECT 'é' FROM users WHERE id = $1 -- $1", 'users.id', "SELECT 'é' FROM users WHERE id = ANY($1) -- $1"],
    ['SELECT * FROM users WHERE id = $1 LIMIT $2', 'users.id', undefined],
    ['SELECT * FROM users WHERE id = $1 AND kind = $2', 'users.id', undefined],
    ['SELECT count(*) FROM posts WHERE author = $1', 'posts.author', undefined],
  ])('%s', async (sql, key, batched) => {
    const lookup = await lookupOf(sql)
    expect([`${lookup?.table}.${lookup?.column}`, lookup?.batched]).toEqual([key, batched])
  })

  test.each([
    'SELECT * FROM users WHERE id > $1',
    'SELECT * FROM users WHERE id = ANY($1)',
    'SELECT * FROM users WHERE id = $1 OR id = 2',
    'SELECT * FROM users, posts WHERE id = $1',
    'SELECT * FROM users WHERE id = 7',
    'SELECT * FROM users WHERE id = $1 FOR UPDATE',
    'SELECT kind, count(*) FROM users WHERE id = $1 GROUP BY kind',
    'SELECT * INTO copy FROM users WHERE id = $1',
    'UPDATE users SET name = $1 WHERE id = $2',
    'SELECT FROM WHERE',
  ])('none: %s', async (sql) => {
    expect(await lookupOf(sql)).toBeUndefined()
  })

  test('keys are written as an array, whatever is in them', () => {
    expect(arrayText(['a', 'b"c', String.raw`d\e`, '', '{f,g}', 'NULL'])).toBe(
      String.raw`{"a","b\"c","d\\e","","{f,g}","NULL"}`,
    )
  })
})

describe('n-plus-one', () => {
  const statement = (id: string, sql: string, [calls, rows]: readonly [number, number]): Counted => ({
    id,
    sql,
    calls,
    rows,
    totalMs: calls,
  })
  const child = (calls: number) => statement('child', 'SELECT * FROM users WHERE id = $1', [calls, calls])

  test.each([
    ['as many calls as rows', [statement('p', 'SELECT * FROM posts LIMIT $1', [1, 40]), child(40)], ['p']],
    [
      'the nearest of two',
      [statement('p', 'SELECT 1 FROM a', [2, 42]), statement('q', 'SELECT 1 FROM b', [1, 40]), child(40)],
      ['q'],
    ],
    ['half as many', [statement('p', 'SELECT * FROM posts LIMIT $1', [1, 40]), child(20)], []],
    ['too few', [statement('p', 'SELECT * FROM posts LIMIT $1', [1, 8]), child(8)], []],
    ['two lookups side by side', [statement('p', 'SELECT * FROM posts WHERE id = $1', [40, 40]), child(40)], []],
    ['rows of an UPDATE', [statement('p', 'UPDATE posts SET seen = $1', [1, 40]), child(40)], []],
  ])('%s', async (_, statements, parents) => {
    expect((await suspect(statements)).map(({parent}) => parent.id)).toEqual(parents)
  })

  test('what was called before the stretch, or forgotten meanwhile, is told apart', () => {
    const before = [statement('a', 'a', [5, 5]), statement('b', 'b', [9, 9]), statement('c', 'c', [3, 3])]
    const after = [
      statement('a', 'a', [5, 5]),
      statement('b', 'b', [2, 4]),
      statement('c', 'c', [7, 9]),
      statement('d', 'd', [1, 1]),
    ]
    expect(countedBetween(before, after).map(({id, calls, rows}) => [id, calls, rows])).toEqual([
      ['b', 2, 4],
      ['c', 4, 6],
      ['d', 1, 1],
    ])
  })
})

describe('pool sizes', () => {
  test.each([
    [2, {allowed: 97, others: 3}, [1, 2, 3, 4, 6, 8]],
    [1, {allowed: 97, others: 0}, [1, 2, 3, 4]],
    [8, {allowed: 20, others: 15}, [1, 3]],
    [8, {allowed: 20, others: 18}, []],
    [4, {allowed: 0, others: 0}, []],
  ])('%i cores, %o', (cores, room, sizes) => {
    expect(sizesFor(cores, room)).toEqual(sizes)
  })

  test('the knee has the lowest p95 of those with nearly the most', () => {
    const at = (size: number, throughput: number, p95: number) => ({size, throughput, p95})
    expect(kneeOf([at(1, 500, 2), at(2, 960, 2.5), at(4, 1000, 5), at(8, 990, 11)])?.size).toBe(2)
    expect(kneeOf([at(1, 500, 2), at(2, 900, 2.5), at(4, 1000, 5)])?.size).toBe(4)
    expect(kneeOf([at(1, 0, 0)])).toBeUndefined()
  })
})

describe('paired times', () => {
  test('the saving is that of the median pair, and lies in its interval', () => {
    const half = Array.from({length: 30}, (_, n) => [10 + (n % 3), (10 + (n % 3)) / 2] as const)
    expect(savingOf(half, seededRandom('a'))).toEqual({
      saving: expect.closeTo(0.5) as number,
      interval: [expect.closeTo(0.5), expect.closeTo(0.5)],
    })
    const noisy = Array.from({length: 30}, (_, n) => [10, 2 + (n % 5)] as const)
    const {saving, interval} = savingOf(noisy, seededRandom('a')) ?? {saving: NaN, interval: [NaN, NaN]}
    expect(interval[0]).toBeLessThanOrEqual(saving)
    expect(interval[1]).toBeGreaterThanOrEqual(saving)
    expect(savingOf(half.slice(0, 2), seededRandom('a'))).toBeUndefined()
  })

  test('slower is a negative saving', () => {
    expect(
      savingOf(
        [
          [1, 2],
          [1, 2],
          [1, 2],
        ],
        seededRandom('a'),
      )?.saving,
    ).toBeCloseTo(-1)
  })
})

describe('pages', () => {
  const facts = (identical: boolean): PaginationFacts => ({
    trouble: undefined,
    query: 'page',
    table: 'public.messages',
    pageRows: 50,
    index: 'there',
    ddl: '',
    depths: [
      {depth: 0, pairs: [[1, 1]], identical: true, saving: undefined},
      {depth: 1000, pairs: [[9, 1]], identical, saving: {saving: 0.9, interval: [0.85, 0.95]}},
    ],
  })

  test('a saving counts only where both show the same page', () => {
    expect(verdictOn('keyset_speedup{depth=1000} >= 50%', judgePagination(facts(true)).metrics)).toBe('pass')
    const {metrics, sentences} = judgePagination(facts(false))
    expect(verdictOn('keyset_speedup{depth=1000} >= 50%', metrics)).toBe('inconclusive')
    expect(sentences[0]).toContain('The pages differ behind 1,000 rows.')
  })

  test('the cost of depth is told by way', () => {
    expect(judgePagination(facts(true)).sentences[1]).toBe(
      'Each further 1,000 rows of depth cost 8 ms by OFFSET and 0 ms by key.',
    )
  })
})

describe('cache', () => {
  test.each([
    [0.2, 1.2, 0.8, 0.4],
    [0.2, 1.2, 1.2, 0],
    [0.9, 1.2, 0.8, undefined],
  ])('a hit of %d, a miss of %d, a query of %d: %d of hits', (hit, miss, database, share) => {
    const found = breakEven(hit, miss, database)
    if (share === undefined) expect(found).toBeUndefined()
    else expect(found).toBeCloseTo(share)
  })

  test('few keys are drawn most of the time, and all of them sometimes', () => {
    const draw = zipf(100, seededRandom('zipf'))
    const counts = new Map<number, number>()
    for (let n = 0; n < 20_000; n++) {
      const rank = draw()
      counts.set(rank, (counts.get(rank) ?? 0) + 1)
    }
    expect(counts.size).toBe(100)
    expect(Math.min(...counts.keys())).toBe(0)
    expect(counts.get(0)).toBeGreaterThan(5 * (counts.get(20) ?? 0))
  })
})

describe('estimates', () => {
  const node = (
    type: string,
    [estimatedRows, actualRows]: readonly [number, number | undefined],
    more: Partial<PlanNode> = {},
  ): PlanNode => ({
    type,
    output: [],
    sortKey: [],
    groupKey: [],
    estimatedRows,
    actualRows,
    width: 8,
    loops: 1,
    removedByFilter: 0,
    heapFetches: undefined,
    startupCost: 0,
    totalCost: 1,
    inclusiveMs: 1,
    exclusiveMs: 1,
    buffers: {hit: 0, read: 0, temporary: 0},
    children: [],
    ...more,
  })
  const planOf = (root: PlanNode): Plan => ({
    root,
    cost: 1,
    planningMs: 1,
    executionMs: 1,
    settings: {},
    jit: false,
    workersPlanned: 0,
    workersLaunched: undefined,
    indexes: [],
    shape: '',
  })
  const relation = {schema: 'public', name: 'm', alias: 'm'}

  test.each<[string, PlanNode, readonly string[]]>([
    ['right', node('Seq Scan', [900, 1000]), []],
    ['ten times too few', node('Seq Scan', [90, 1000], {relation}), ['Seq Scan']],
    ['too many', node('Seq Scan', [5000, 3]), ['Seq Scan']],
    ['of a few rows', node('Index Scan', [1, 60]), []],
    ['never run', node('Seq Scan', [5000, 0], {loops: 0}), []],
    ['only planned', node('Seq Scan', [5000, undefined]), []],
    [
      'too many below a LIMIT, which stopped it',
      node('Limit', [10, 10], {children: [node('Index Scan', [5000, 10])]}),
      [],
    ],
    ['too few below a LIMIT', node('Limit', [10, 10], {children: [node('Seq Scan', [10, 5000])]}), ['Seq Scan']],
    [
      'too many on a side of a semi join',
      node('Nested Loop', [10, 10], {joinType: 'Semi', children: [node('Seq Scan', [5000, 1])]}),
      [],
    ],
  ])('%s', (_, root, wrong) => {
    expect(estimatesOf([{query: 'q', plan: planOf(root)}]).wrong.map((one) => one.node)).toEqual(wrong)
  })
})

test('of an estimate that other values of a query bring again, only the worst is told', () => {
  const one = {query: 'sign-in', node: 'Seq Scan', table: 'public.users', estimated: 500, actual: 20}
  const wrong = [one, {...one, actual: 2}, {...one, actual: 5}, {...one, query: 'people'}]
  const {sentences} = judgeMaintenance({tables: [], estimates: {nodes: 9, wrong}})
  expect(sentences.map((sentence) => sentence.split(' at its ')[0])).toEqual([
    'sign-in: 500 rows were expected and 2 came',
    'people: 500 rows were expected and 20 came',
  ])
})
