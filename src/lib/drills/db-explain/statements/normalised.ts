/** Texts of pg_stat_statements as Postgres would take them back: where constants became `$n`, the grammar does not always allow one. */
import type {Syntaxer, Token} from './syntax.js'

/** Types whose constants may be written `interval '1 day'`, but not `interval $1`. */
const TYPES = new Set(['interval', 'date', 'time', 'timestamp', 'timestamptz', 'timetz'])

/** What Postgres 18 leaves of a list of constants, whatever its length; the list is given so many values again. */
const SQUASHED = '/*, ... */'
const LISTED = 5

/** `now() - interval $1` becomes `now() - CAST($1 AS interval)`, and `IN ($1 /*, ... *\/)` becomes `IN ($1, $2, $3, $4, $5)`. */
export function preparable(sql: string, syntax: Syntaxer): string {
  const tokens = syntax.tokens(sql)
  let last = Math.max(0, ...tokens.filter(({kind}) => kind === 'PARAM').map(({text}) => Number(text.slice(1))))
  let [result, done] = ['', 0]
  for (const [index, parameter] of tokens.entries()) {
    if (parameter.kind !== 'PARAM') continue
    const [type, rest] = [tokens[index - 1], tokens[index + 1]]
    if (rest?.text === SQUASHED) {
      const more = Array.from({length: LISTED - 1}, () => `, $${(last += 1)}`)
      result += `${sql.slice(done, parameter.end)}${more.join('')}`
      done = rest.end
    } else if (type !== undefined && namesType(type, tokens[index - 2])) {
      result += `${sql.slice(done, type.start)}CAST(${parameter.text} AS ${type.text})`
      done = parameter.end
    }
  }
  return result + sql.slice(done)
}

/** Behind a dot or AS it is somebody's name. */
function namesType(word: Token, before: Token | undefined): boolean {
  return TYPES.has(word.text.toLowerCase()) && before?.text !== '.'
}
