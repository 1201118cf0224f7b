/** A changed answer is found, and one that the query leaves open is not taken for one. */
import {describe, expect, test} from 'vitest'
import type {BoundQuery} from '../../../../src/lib/drills/db-explain/query.js'
import {checkAnswer, type Sameness} from '../../../../src/lib/drills/db-explain/trial/check-answer.js'
import {keyed} from '../../../../src/lib/drills/db-explain/trial/sort-keys.js'
import type {Built, TrialGround} from '../../../../src/lib/drills/db-explain/trial/trial-ground.js'
import type {RawRows, Session} from '../../../../src/lib/protocols/postgres/session.js'
import {query} from './ground-kit.js'

type Rows = readonly (readonly (string | null)[])[]

const INDEX: Built = {
  design: {schema: 's', table: 't', method: 'btree', keys: [], include: []},
  name: 'i',
  names: ['i'],
  buildMs: 1,
  bytes: 1,
}
const raw = (rows: Rows): RawRows => ({columns: [], rows})

/** Answers as it is told, with and without the index, and (where given) another thing when it is planned differently. */
async function found(asked: BoundQuery, without: Rows, within: Rows, planned = without): Promise<Sameness> {
  let [shown, switched] = [false, false]
  const session = {
    isOpen: true,
    read: () => Promise.resolve(raw(shown ? within : switched ? planned : without)),
    ask: () => Promise.resolve([{former: 'on'}]),
    run: () => {
      switched = true
      return Promise.resolve()
    },
  } as unknown as Session
  const ground = {
    session,
    see: (visible: readonly Built[]) => {
      shown = visible.length > 0
      return Promise.resolve()
    },
    reads: (work: () => Promise<unknown>) => work(),
  } as unknown as TrialGround
  const [binding] = asked.bindings
  if (binding === undefined) throw new Error('there is one')
  const columns = (await keyed(asked.sql))?.keys ?? 0
  const plain = (rows: Rows) => raw(rows.map((row) => row.slice(0, row.length - columns)))
  return checkAnswer(ground, {query: asked, binding, chosen: [INDEX]}, {before: plain(without), after: plain(within)})
}

const SET = query('set', 'SELECT a FROM t')
const SORTED = query('sorted', 'SELECT a FROM t ORDER BY b')
const TOP = query('top', 'SELECT a FROM t ORDER BY b LIMIT 3')
const ANY = query('any', 'SELECT a FROM t LIMIT 2')

describe('the answer', () => {
  // Of sorted queries the last column is the key that was appended.
  test.each<[string, BoundQuery, Rows, Rows, Sameness]>([
    [
      'of the same rows in another order is the same, where no order was asked for',
      SET,
      [['1'], ['2']],
      [['2'], ['1']],
      'same',
    ],
    ['with another row is changed', SET, [['1'], ['2']], [['1'], ['3']], 'changed'],
    ['with a row more is changed', SET, [['1']], [['1'], ['1']], 'changed'],
    ['with a NULL in place of an empty text is changed', SET, [['']], [[null]], 'changed'],
    ['may differ in the last digits of a float', SET, [['0.30000000000000004']], [['0.3000000000000001']], 'same'],
    ['may not differ in the digits before', SET, [['0.30000000000000004']], [['0.3000001000000001']], 'changed'],
    [
      'in the wrong order is changed',
      SORTED,
      [
        ['a', '1'],
        ['b', '2'],
      ],
      [
        ['b', '2'],
        ['a', '1'],
      ],
      'changed',
    ],
    [
      'may swap rows that share a key',
      SORTED,
      [
        ['a', '1'],
        ['b', '1'],
        ['c', '2'],
      ],
      [
        ['b', '1'],
        ['a', '1'],
        ['c', '2'],
      ],
      'same',
    ],
    [
      'may not swap a row for another one under the same key',
      SORTED,
      [
        ['a', '1'],
        ['c', '2'],
      ],
      [
        ['b', '1'],
        ['c', '2'],
      ],
      'changed',
    ],
    [
      'may end with another row of the same key',
      TOP,
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
      [
        ['a', '1'],
        ['b', '2'],
        ['d', '3'],
      ],
      'same',
    ],
    [
      'may not end with another key',
      TOP,
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
      [
        ['a', '1'],
        ['b', '2'],
        ['d', '4'],
      ],
      'changed',
    ],
    [
      'may not differ in the middle',
      TOP,
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
      [
        ['a', '1'],
        ['x', '2'],
        ['c', '3'],
      ],
      'changed',
    ],
    ['is open where a LIMIT has no order', ANY, [['1'], ['2']], [['3'], ['4']], 'open'],
    ['is changed where a LIMIT yields fewer', ANY, [['1'], ['2']], [['3']], 'changed'],
  ])('%s', async (_, asked, without, within, sameness) => expect(await found(asked, without, within)).toBe(sameness))

  test('is open where it changes with the plan, whatever indexes there are', async () =>
    expect(await found(SET, [['{1,2}']], [['{2,1}']], [['{2,1}']])).toBe('open'))

  test('is unknown where there was none', async () => {
    const ground = {} as TrialGround
    const binding = {stratum: 'none' as const, values: []}
    expect(await checkAnswer(ground, {query: SET, binding, chosen: []}, {before: undefined, after: raw([])})).toBe(
      'unknown',
    )
  })
})

describe('what a query sorts by is appended', () => {
  test.each([
    ['SELECT a FROM t ORDER BY b DESC, lower(c) LIMIT 5', 2, true, /lower\(c\)\s+FROM/],
    ['SELECT a AS b FROM t ORDER BY b', 1, false, /a AS b,\s+a\s+FROM/],
    ['SELECT a, c FROM t ORDER BY 2 OFFSET 3', 1, true, /a,\s+c,\s+c\s+FROM/],
    ['SELECT * FROM t ORDER BY 1', 0, false, /ORDER BY 1/],
    ['SELECT a FROM t UNION SELECT b FROM u ORDER BY 1 FETCH FIRST 2 ROWS ONLY', 0, true, /UNION/],
    ['SELECT a FROM t WHERE b = $1', 0, false, /\$1/],
  ])('%s', async (sql, keys, cut, pattern) => {
    const told = await keyed(sql)
    expect(told).toMatchObject({keys, cut})
    expect(told?.sql).toMatch(pattern)
  })

  test('not to what is no SELECT', async () => {
    expect(await keyed('SELEC 1')).toBeUndefined()
    expect(await keyed('VACUUM')).toBeUndefined()
  })
})
