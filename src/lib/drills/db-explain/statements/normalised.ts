/** Texts of pg_stat_statements as Postgres would take them back: where constants became `$n`, the grammar does not always allow one. */
import type {Syntaxer, Token} from './syntax.js'

/** Types whose constants may be written `interval '1 day'`, but not `interval $1`. */
const TYPES = new Set(['interval', 'date', 'time', 'timestamp', 'timestamptz', 'timetz'])

/** `now() - interval $1` becomes `now() - CAST($1 AS interval)`. */
export function preparable(sql: string, syntax: Syntaxer): string {
  const tokens = syntax.tokens(sql)
  let [result, done] = ['', 0]
  for (const [index, parameter] of tokens.entries()) {
    const type = tokens[index - 1]
    if (parameter.kind !== 'PARAM' || type === undefined || !namesType(type, tokens[index - 2])) continue
    result += `${sql.slice(done, type.start)}CAST(${parameter.text} AS ${type.text})`
    done = parameter.end
  }
  return result + sql.slice(done)
}

/** Behind a dot or AS it is somebody's name. */
function namesType(word: Token, before: Token | undefined): boolean {
  return TYPES.has(word.text.toLowerCase()) && before?.text !== '.'
}
