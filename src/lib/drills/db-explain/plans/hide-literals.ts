/** Takes the user's data out of SQL that is shown: texts and numbers become `…`, names and structure stay; pure. */

const TYPES_WITH_LENGTH =
  'character varying|varchar|character|char|bpchar|numeric|decimal|bit varying|varbit|bit|timestamptz|timestamp|timetz|time|interval'

/** In the order in which they are tried at each place; what no rule takes is passed on as it is. */
const TOKENS = new RegExp(
  [
    String.raw`(?<keep>"(?:[^"]|"")*"?`, // a quoted name
    String.raw`\$\d+`, // a parameter
    String.raw`::\s*(?:${TYPES_WITH_LENGTH})\s*\(\d+(?:,\s*-?\d+)?\)`,
    String.raw`(?:Sub|Init)Plan \d+)`,
    String.raw`(?<text>\b(?:[eE]|[uU]&)'(?:[^'\\]|\\[\s\S]|'')*'?|\b[bBxXnN]'[^']*'?|'(?:[^']|'')*'?)`,
    String.raw`(?<dollar>\$(?<tag>[A-Za-z_]\w*)?\$[\s\S]*?(?:\$\k<tag>\$|$))`,
    String.raw`(?<name>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)`,
  ].join('|'),
  'g',
)

/** `(m.body ~~ '…'::text) AND (m.room_id = …)`. */
export function hideLiterals(sql: string): string {
  return sql.replaceAll(TOKENS, (token: string, ...rest: unknown[]) => {
    const {text, dollar, number} = rest.at(-1) as Readonly<Record<string, string | undefined>>
    if (text !== undefined || dollar !== undefined) return `'…'`
    return number === undefined ? token : '…'
  })
}
