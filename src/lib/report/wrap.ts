/** Wraps running text to the width of a report, under a label. */

/** Columns that a report may fill. */
const WIDTH = 100

/** Lines of `text` after `label`, whose visible width is `indent`; later lines are indented by as much. */
export function labelled(label: string, indent: number, text: string): string[] {
  return wrap(text, WIDTH - indent).map((line, index) => (index === 0 ? label : ' '.repeat(indent)) + line)
}

/** Breaks at spaces, and keeps doubled ones; a word longer than the width stands alone. */
function wrap(text: string, width: number): string[] {
  const [first = '', ...rest] = text.split(' ')
  const lines: string[] = []
  let line = first
  for (const word of rest) {
    if (line.length + 1 + word.length <= width) {
      line = `${line} ${word}`
    } else {
      lines.push(line.trimEnd())
      line = word
    }
  }
  return [...lines, line]
}
