import {expect, test} from 'vitest'
import {preparable} from '../../../../src/lib/drills/db-explain/statements/normalised.js'
import {loadSyntax} from '../../../../src/lib/drills/db-explain/statements/syntax.js'

test.each([
  [
    'a list of Postgres 18',
    'SELECT 1 FROM t WHERE a IN ($1 /*, ... */) AND b = $2',
    'SELECT 1 FROM t WHERE a IN ($1, $3, $4, $5, $6) AND b = $2',
  ],
  [
    'two of them, also as an array',
    'SELECT 1 FROM t WHERE a IN ($1 /*, ... */) OR b = ANY (ARRAY[$2 /*, ... */])',
    'SELECT 1 FROM t WHERE a IN ($1, $3, $4, $5, $6) OR b = ANY (ARRAY[$2, $7, $8, $9, $10])',
  ],
  ['another comment', 'SELECT 1 FROM t WHERE a = $1 /* route */', 'SELECT 1 FROM t WHERE a = $1 /* route */'],
  ['a type before a constant', 'SELECT now() - interval $1', 'SELECT now() - CAST($1 AS interval)'],
])('%s', async (_what, normalised, sql) => {
  expect(preparable(normalised, await loadSyntax())).toBe(sql)
})
