/** Redis' glob patterns (`*`, `?`, `[a-z]`, `\x`) as a test on text. */

/** Compiles a pattern; what is no valid class is taken as it stands. */
export function globTest(pattern: string): (text: string) => boolean {
  const expression = new RegExp(`^${translate(pattern)}$`, 's')
  return (text) => expression.test(text)
}

function translate(pattern: string): string {
  return pattern.replaceAll(/\\(.)|\[(\^?)((?:\\.|[^\]])*)\]|([*?])|([\s\S])/g, (...found: (string | undefined)[]) => {
    const [, escaped, not, members, wildcard, plain] = found
    if (wildcard !== undefined) return wildcard === '*' ? '.*' : '.'
    if (members !== undefined) return classOf(not ?? '', members)
    return literal(escaped ?? plain ?? '')
  })
}

function classOf(not: string, members: string): string {
  const safe = members.replaceAll(/\\(.)/g, '$1').replaceAll(/[\\[\]^]/g, String.raw`\$&`)
  return safe === '' ? '(?!)' : `[${not}${safe}]`
}

function literal(character: string): string {
  return character.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)
}
