/** Line and column of an offset in a text, both from 1; columns count characters as an editor shows them. */
import type {Place} from '../query.js'

/** `offset` as JavaScript counts. */
export function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return {line: before.split('\n').length, column: Array.from(before.slice(lineStart)).length + 1}
}
