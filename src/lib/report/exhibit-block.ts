/** Prints what a drill brought home to be shown: each exhibit under its title, in the few colours of a report. */
import type {Paint} from './paint.js'
import type {Report, ReportExhibit} from './schema.js'

type Span = ReportExhibit['lines'][number][number]

/** One block an exhibit; those of one group stand under each other. */
export function exhibitBlocks({exhibits = []}: Report, paint: Paint): string[] {
  return exhibits.map(({title, group, lines}) => {
    const head =
      group === undefined ? paint.strong(title) : `${paint.strong(group)} ${paint.dim('·')} ${paint.strong(title)}`
    const body = lines.map((line) =>
      line
        .map((span) => painted(span, paint))
        .join('')
        .trimEnd(),
    )
    return `${[head, ...body].join('\n')}\n`
  })
}

function painted({text, tone}: Span, paint: Paint): string {
  switch (tone) {
    case 'plain':
      return text
    case 'dim':
      return paint.dim(text)
    case 'warm':
      return paint.doubtful(text)
    case 'hot':
      return paint.bad(text)
    case 'good':
      return paint.good(text)
  }
}
