/** What to try next, from what the report shows; pure. */
import type {Report} from './schema.js'

export function nextSteps(report: Report): string[] {
  const again = `the same flags and --seed ${report.seed}`
  if (report.interruptedBy !== undefined) return [`to the end of the same run: ${again}`]
  if (report.stopped !== undefined) return [`the same choices to the end: ${again}, without --stop-when`]
  switch (report.verdict) {
    case 'fail':
      return [
        `the same choices again: ${again}`,
        'the figures of every second, and all evidence: --out json=report.json',
      ]
    case 'inconclusive':
      return [`${report.next.undecided.what}: ${again}, ${report.next.undecided.flags}`]
    case 'pass':
      return report.target.kind === 'practice' ? [`a system of your own: ${report.next.ownSystem}`] : []
  }
}
