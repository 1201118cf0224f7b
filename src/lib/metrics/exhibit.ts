/** Evidence that is shown and not judged: a plan, a statement to apply. Plain data, lines of marked text. */

/** What a piece of text is to its reader, not how it looks: beside the point, worth a look, the thing to look at, an improvement. */
export type Tone = 'plain' | 'dim' | 'warm' | 'hot' | 'good'

export interface Span {
  readonly text: string
  readonly tone: Tone
}

/** Without a line break inside. */
export type Line = readonly Span[]

export interface Exhibit {
  readonly title: string
  /** Neighbours of one group belong together: they stand side by side where there is room. */
  readonly group?: string
  readonly lines: readonly Line[]
}

/** Joins neighbours of the same tone, and leaves out what is empty. */
export function lineOf(...spans: readonly Span[]): Line {
  const line: Span[] = []
  for (const span of spans) {
    const last = line.at(-1)
    if (span.text === '') continue
    if (last?.tone === span.tone) line[line.length - 1] = {text: last.text + span.text, tone: span.tone}
    else line.push(span)
  }
  return line
}
