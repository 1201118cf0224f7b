import {describe, expect, it} from 'vitest'
import {readStatements} from '../../../../src/lib/drills/db-explain/statements/read-statements.js'

const read = (text: string) => readStatements(text, 'queries.sql')

/** `name line:column sql`, and of what was skipped the reason as well. */
async function outline(text: string): Promise<readonly string[]> {
  const {statements, skipped} = await read(text)
  return [
    ...statements.map(({name, place, sql}) => `${name} ${place?.line}:${place?.column} ${sql}`),
    ...skipped.map(({name, place, reason}) => `${name} ${place?.line}:${place?.column} ${reason}`),
  ]
}

describe('a file is cut at the semicolons that end statements', () => {
  it.each([
    ['one without a semicolon', 'SELECT 1', ['q1 1:1 SELECT 1']],
    ['several in a line, and empty ones', ';SELECT 1; ;SELECT 2;;', ['q1 1:2 SELECT 1', 'q2 1:13 SELECT 2']],
    ['one in a string', `SELECT 'a;''b;'; SELECT 2`, [`q1 1:1 SELECT 'a;''b;'`, 'q2 1:18 SELECT 2']],
    [
      'one behind an escaped quote',
      String.raw`SELECT E'\';'; SELECT 2`,
      [String.raw`q1 1:1 SELECT E'\';'`, 'q2 1:16 SELECT 2'],
    ],
    ['one in a quoted name', 'SELECT 1 AS "a;b"; SELECT 2', ['q1 1:1 SELECT 1 AS "a;b"', 'q2 1:20 SELECT 2']],
    [
      'one between dollars',
      'SELECT $$;$x$;$$; SELECT $é$;$$;$é$',
      ['q1 1:1 SELECT $$;$x$;$$', 'q2 1:19 SELECT $é$;$$;$é$'],
    ],
    ['parameters are no dollar quotes', 'SELECT $1;SELECT $2,$1', ['q1 1:1 SELECT $1', 'q2 1:11 SELECT $2,$1']],
    ['one in comments', 'SELECT 1 -- ;\n/* ; /* ; */ ; */, 2; -- end;', ['q1 1:1 SELECT 1 -- ;\n/* ; /* ; */ ; */, 2']],
    ['wide characters count as one', `SELECT 'é😀'; SELECT 2`, [`q1 1:1 SELECT 'é😀'`, 'q2 1:14 SELECT 2']],
    [
      'Windows line ends, and a mark of UTF-8',
      '\uFEFFSELECT 1;\r\n  SELECT 2;\r\n',
      ['q1 1:2 SELECT 1', 'q2 2:3 SELECT 2'],
    ],
    [
      'the body of a routine',
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3',
      [
        'q1 1:1 CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END',
        'q2 1:95 SELECT 3',
      ],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await outline(text)).toEqual(expected)
  })
})

describe('a syntax error skips its statement only', () => {
  it.each([
    [
      'in the middle',
      `SELECT 1;\nSELECT\n 'ü😀', a FORM b c;\nSELECT 2;`,
      ['3:15 syntax error at or near "b"', '2 ok'],
    ],
    [
      'an open quote',
      `SELECT 1;\nSELECT 'open;\nSELECT 'x';\nSELECT 2;\n`,
      ['2:8 unterminated quoted string at or near "\'open"', '3 ok'],
    ],
    [
      'an open dollar quote',
      'SELECT $$open;\nSELECT 1;\n',
      ['1:8 unterminated dollar-quoted string at or near "$$open"', '1 ok'],
    ],
    ['an open comment', 'SELECT /* open;\nSELECT 1;', ['1:8 unterminated /* comment at or near "/* open"', '1 ok']],
    [
      'a placeholder of a driver',
      'SELECT * FROM t WHERE a = ?;SELECT 1',
      ['1:28 syntax error at end of input', '1 ok'],
    ],
    [
      'a named placeholder',
      'SELECT * FROM t WHERE a = :room;SELECT 1',
      ['1:27 syntax error at or near ":" (write parameters as $1, $2, …)', '1 ok'],
    ],
    ['a command of psql', '\\timing on\nSELECT 1;', ['1:1 it is a command of psql', '1 ok']],
  ])('%s', async (_, text, [reason, count]) => {
    const {statements, skipped} = await read(text)
    expect(skipped.map((each) => `${each.place?.line}:${each.place?.column} ${each.reason}`)).toEqual([reason])
    expect(`${statements.length} ok`).toBe(count)
  })
})

describe('comments above a statement', () => {
  it('name it, weigh it, and give its parameters values', async () => {
    const {statements} = await read(`-- The history.
-- name: room-history
-- calls: 1,200
-- params: 42, 'it''s', null, -1.5, true, 0, '', false
-- params: 7, E'a\\nb', NULL, +3, DATE '2026-01-01', ARRAY['x, "y"', null], '{1}', 'x'::text
-- Newest first.
SELECT 1; -- name: nobody
SELECT 2 -- name: nobody
`)
    const [first, second] = statements
    expect(first).toMatchObject({name: 'room-history', calls: 1200, meanMs: undefined})
    expect(first?.given).toEqual([
      ['42', "it's", null, '-1.5', 'true', '0', '', 'false'],
      ['7', 'a\nb', null, '3', '2026-01-01', '{"x, \\"y\\"",NULL}', '{1}', 'x'],
    ])
    expect(second).toMatchObject({name: 'q2', calls: 1, given: []})
  })

  it('may be those of sqlc', async () => {
    expect((await read('-- name: ListRooms :many\nSELECT 1')).statements[0]?.name).toBe('ListRooms')
  })

  it.each([
    ['-- calls: often\nSELECT 1', "queries.sql, line 1, column 1: '-- calls:' has no value that can be read"],
    [
      'SELECT 1;\n  -- params: 1, now()\nSELECT 1',
      "queries.sql, line 2, column 3: '-- params:' has no value that can be read",
    ],
    [
      '-- params: 1); DROP TABLE x; VALUES (2\nSELECT 1',
      "queries.sql, line 1, column 1: '-- params:' has no value that can be read",
    ],
    ['-- name: two words\nSELECT 1', "queries.sql, line 1, column 1: '-- name:' has no value that can be read"],
    [
      '-- name: a\nSELECT 1;\n-- name: a\nSELECT 2',
      'queries.sql: the statements in line 2 and line 4 are both called a',
    ],
  ])('that cannot be read end the run: %j', async (text, message) => {
    await expect(read(text)).rejects.toMatchObject({message, exitCode: 2})
  })
})

it.each([
  ['', 'queries.sql is empty'],
  [' \n', 'queries.sql is empty'],
  ['-- nothing\n/* here */ ;', 'queries.sql has no statement'],
])('a file without a statement is refused: %j', async (text, message) => {
  await expect(read(text)).rejects.toMatchObject({message, exitCode: 2})
})

it('says so of a statement that is nested too deeply', async () => {
  const {statements, skipped} = await read(`SELECT ${'1+'.repeat(20_000)}1; SELECT 2`)
  expect(skipped.map(({reason}) => reason)).toEqual(['it is nested too deeply to be read'])
  expect(statements.map(({sql}) => sql)).toEqual(['SELECT 2'])
})
