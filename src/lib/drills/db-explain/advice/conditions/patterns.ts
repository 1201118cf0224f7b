/** What is fixed in the patterns of LIKE and of regular expressions. */

/** A trigram index can only look for three letters in a row (https://www.postgresql.org/docs/17/pgtrgm.html#PGTRGM-INDEX). */
const TRIGRAM = 3
const WILD = '%_'

/** Of LIKE: it begins with fixed letters, so that a b-tree can look it up. */
export function isPrefixPattern(pattern: string): boolean {
  return pattern !== '' && !pattern.startsWith('%') && !pattern.startsWith('_')
}

/**
 * Whether there is a trigram to look for. pg_trgm counts two blanks before a word and one after it, where the pattern says that the word begins
 * or ends there. What it draws from a regular expression is its secret: only those with too few letters are told from here.
 */
export function hasTrigram(pattern: string, operator: string): boolean {
  if (!operator.startsWith('~~'))
    return (pattern.replaceAll(/\\./g, '').match(/[\p{L}\p{N}]/gu) ?? []).length >= TRIGRAM
  const fixed = pattern.replaceAll(/\\(.)/gs, '$1')
  for (const found of fixed.matchAll(/[\p{L}\p{N}]+/gu)) {
    const before = fixed.charAt(found.index - 1)
    const after = fixed.charAt(found.index + found[0].length)
    const blanks = (WILD.includes(before) && found.index > 0 ? 0 : 2) + (WILD.includes(after) && after !== '' ? 0 : 1)
    if (found[0].length + blanks >= TRIGRAM) return true
  }
  return false
}
