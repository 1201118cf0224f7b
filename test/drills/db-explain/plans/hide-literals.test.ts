import {expect, test} from 'vitest'
import {hideLiterals} from '../../../../src/lib/drills/db-explain/plans/hide-literals.js'

test.each([
  ['a text', `(m.body ~~ '%secret%'::text)`, `(m.body ~~ '…'::text)`],
  ['a text with quotes in it', `(name = 'O''Brien (5)'::text)`, `(name = '…'::text)`],
  ['a text with escapes', String.raw`(name = E'it\'s 5'::text)`, `(name = '…'::text)`],
  ['a text that was cut off', `(name = 'Ali`, `(name = '…'`],
  ['a text in dollars', `(name = $tag$Alice 5$tag$)`, `(name = '…')`],
  ['a list', `(status = ANY ('{open,"in work"}'::text[]))`, `(status = ANY ('…'::text[]))`],
  ['bits', `(flags = B'1010'::"bit")`, `(flags = '…'::"bit")`],
  [
    'numbers',
    `((room_id = 7) AND (x > 1.5e-3) AND (y < '-5'::integer))`,
    `((room_id = …) AND (x > …) AND (y < '…'::integer))`,
  ],
  ['a number beside an operator', `(a+5 > b*.5)`, `(a+… > b*…)`],
])('%s is hidden', (_case, sql, hidden) => {
  expect(hideLiterals(sql)).toBe(hidden)
})

test.each([
  ['names with digits', '(m1.room_2 = int4_col)'],
  ['quoted names', '("Room 5"."it""s 7" IS NULL)'],
  ['names in other scripts', '(größe2 = straße1)'],
  ['parameters', '((a = $1) AND (b = $12))'],
  ['lengths of types', '(((a)::numeric(10,2))::character varying(80))'],
  ['references to sub-plans', '((InitPlan 1).col1 = (hashed SubPlan 2))'],
  ['key words', '(deleted_at IS NOT NULL)'],
])('%s stay', (_case, sql) => {
  expect(hideLiterals(sql)).toBe(sql)
})
