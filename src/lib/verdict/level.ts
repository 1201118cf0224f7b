/** Judges one level of a search on what was due in its phase; pure. */
import type {LevelOutcome} from '../metrics/curve.js'
import type {Phase} from '../metrics/metric.js'
import type {Checked, Doubt, Finding} from './finding.js'
import {judge} from './judge.js'
import {parseThreshold} from './threshold-parser.js'

export interface LevelJudgement {
  readonly outcome: LevelOutcome
  /** What broke, or what strained us; '' when it held. */
  readonly why: string
}

/**
 * It held when none of `rules` was broken. A percentile is taken as it was estimated, because a level is too short to prove its bound; what was
 * not tried at all is broken. Throws a UsageError for a rule that cannot be read.
 */
export function judgeLevel(rules: readonly string[], checked: Checked, phase: Phase): LevelJudgement {
  const {doubts} = checked
  const thresholds = rules.map((rule) => ({...parseThreshold(rule), phase: phase.name}))
  const amiss = judge(thresholds, checked, [phase]).filter((finding) => !finding.warn && !holds(finding, doubts))
  if (amiss.length === 0) return {outcome: 'held', why: ''}
  if (doubts.length > 0) return {outcome: 'strained', why: doubts.map(({why}) => why).join('; ')}
  return {outcome: 'broke', why: amiss.map(reasonOf).join('; ')}
}

/** What could not be decided for want of samples is taken at its word, as long as there was something to see. */
function holds({verdict, observed, exposure}: Finding, doubts: readonly Doubt[]): boolean {
  if (verdict === 'pass') return true
  return verdict === 'inconclusive' && doubts.length === 0 && observed !== undefined && exposure !== 0
}

function reasonOf({threshold, why}: Finding): string {
  return `${threshold.replace(/ during \S+$/, '')} (${why ?? ''})`
}
