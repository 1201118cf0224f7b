/** From findings to the run's verdict, and from the verdict to the exit code. */
import type {Finding, Verdict} from './finding.js'

/** DESIGN 6. */
const EXIT = {held: 0, inconclusive: 98, broken: 99} as const

/**
 * The worst finding that is not a mere warning: fail, then inconclusive, then pass. Without any finding nothing was shown,
 * which is inconclusive; warnings alone never break a run.
 */
export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.length === 0) return 'inconclusive'
  const verdicts = new Set(findings.filter(({warn}) => !warn).map(({verdict}) => verdict))
  if (verdicts.has('fail')) return 'fail'
  return verdicts.has('inconclusive') ? 'inconclusive' : 'pass'
}

interface ExitOptions {
  /** `pass` makes an inconclusive run exit 0. */
  readonly onInconclusive: 'fail' | 'pass'
}

export function exitCodeOf(verdict: Verdict, {onInconclusive}: ExitOptions): number {
  switch (verdict) {
    case 'pass':
      return EXIT.held
    case 'fail':
      return EXIT.broken
    case 'inconclusive':
      return onInconclusive === 'pass' ? EXIT.held : EXIT.inconclusive
  }
}
