/** Facts made by hand: queries that were looked at and measured as the test says. */
import type {Candidate, Rejected} from '../../../src/lib/drills/db-explain/advice/index-design.js'
import type {DbExplainFacts, Look, Proof, QueryAdvice} from '../../../src/lib/drills/db-explain/facts.js'
import type {Choice, Chosen} from '../../../src/lib/drills/db-explain/trial/choose.js'
import type {Measured} from '../../../src/lib/drills/db-explain/trial/measured.js'
import type {Built} from '../../../src/lib/drills/db-explain/trial/trial-ground.js'

/** One without parameters. */
export function look(
  name: string,
  {slow = true, calls = 1, takes}: {slow?: boolean; calls?: number; takes?: number} = {},
): Look {
  const timeMs = takes ?? (slow ? 50 : 1)
  const query = {
    name,
    sql: `SELECT '${name}'`,
    calls,
    meanMs: undefined,
    place: undefined,
    parameters: 0,
    given: [],
    ordered: false,
    bindings: [{stratum: 'none', values: []} as const],
  }
  return {query, plans: [], timeMs, times: [timeMs, timeMs, timeMs], slow}
}

/** It takes longer than so much, and nobody waited for its end. */
export function givenUpLook(name: string, timeMs: number): Look {
  const one = look(name, {takes: timeMs})
  return {...one, query: {...one.query, givenUpMs: timeMs}, times: [timeMs]}
}

/** On a column named as the index is to be. */
export function candidate(column: string, serves: readonly string[], more: Partial<Candidate> = {}): Candidate {
  const design = {schema: 'public', table: 'messages', method: 'btree', keys: [{column}], include: []} as const
  return {design, serves, why: `equality on ${column}`, needs: [], ...more}
}

export function chosen(column: string, serves: readonly string[]): Chosen {
  const one = candidate(column, serves)
  const built: Built = {design: one.design, name: column, names: [column], buildMs: 10, bytes: 8192}
  return {candidate: one, built, serves, saves: 0.5}
}

export function rejected(column: string, serves: readonly string[], reason: string): Rejected {
  return {design: candidate(column, serves).design, serves, reason}
}

export function choice(changes: Partial<Choice> = {}): Choice {
  return {chosen: [], alternatives: [], rejected: [], notTried: [], before: new Map(), after: new Map(), ...changes}
}

export function advice(query: string, changes: Partial<QueryAdvice> = {}): QueryAdvice {
  return {query, candidates: [], rejected: [], why: [], partitioned: [], ...changes}
}

const PAIRS = 30

/** Thirty pairs of which each says the same; the interval is what the test wants it to be. */
export function measured(query: string, ratio: number, changes: Partial<Measured> = {}): Measured {
  const before = Array.from({length: PAIRS}, () => 50)
  const trust = {interval: [ratio, ratio] as const, lower: ratio, upper: ratio}
  return {
    query,
    design: 'pairs',
    bindings: [{stratum: 'none', before, after: before.map((time) => time * ratio), ratio: undefined}],
    ratio: {ratio, samples: PAIRS, ...trust},
    chance: 0.0001,
    runs: 2 * PAIRS,
    ranMs: 0,
    spentMs: 0,
    failures: {},
    timeouts: {before: 0, after: 0},
    answers: 'same',
    uses: [],
    samePlan: false,
    flips: 0,
    ended: 'precise',
    ...changes,
  }
}

/** The interval of a ratio that was measured. */
export function between(ratio: number, low: number, high: number): Pick<Measured, 'ratio'> {
  return {ratio: {ratio, samples: PAIRS, interval: [low, high], lower: low, upper: high}}
}

export function proof(changes: Partial<Proof> = {}): Proof {
  return {kind: 'own', choice: choice(), measured: [], charges: [], plansAfter: new Map(), ...changes}
}

const quiet = {
  workers: 1,
  eventLoopDelayP99Ms: 1,
  cpuShare: 0.1,
  gcShare: 0,
  waitShare: 0,
  startDelayP99Ms: 0,
  droppedArrivals: 0,
  rssBytes: 1e8,
  healthy: true,
}

export function factsOf(changes: Partial<DbExplainFacts>): DbExplainFacts {
  return {
    startedAtMs: 0,
    phases: [{name: 'measurement', startMs: 0, endMs: 1000}],
    series: {},
    generator: quiet,
    faults: [],
    evidence: {},
    looks: [],
    skipped: [],
    refused: [],
    advice: [],
    proof: undefined,
    checked: [],
    copy: undefined,
    ...changes,
  }
}
