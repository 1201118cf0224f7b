/** Tables without borders, as all of the report's are. */

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' ',
} as const

/** Options of cli-table3. */
export const PLAIN_TABLE = {
  chars: NO_BORDERS,
  style: {'padding-left': 0, 'padding-right': 0, head: [] as string[], border: [] as string[], compact: true},
}

export function trimEnds(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
