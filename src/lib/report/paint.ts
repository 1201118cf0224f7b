/** The few colours that carry meaning: green holds, red is broken, yellow is doubtful, dim is secondary. */
export interface Paint {
  good(text: string): string
  bad(text: string): string
  doubtful(text: string): string
  dim(text: string): string
  strong(text: string): string
}

const plain = (text: string): string => text

export const noPaint: Paint = {good: plain, bad: plain, doubtful: plain, dim: plain, strong: plain}

/** Select Graphic Rendition codes of ECMA-48: what switches a style on, and what switches it off again. */
const sgr =
  (on: string, off: string) =>
  (text: string): string =>
    `\u001B[${on}m${text}\u001B[${off}m`

const ansiPaint: Paint = {
  good: sgr('32', '39'),
  bad: sgr('1;31', '22;39'),
  doubtful: sgr('33', '39'),
  dim: sgr('2', '22'),
  strong: sgr('1', '22'),
}

export function paintFor(colour: boolean): Paint {
  return colour ? ansiPaint : noPaint
}
