/** What was found, in words: the statements to apply, what was turned down, and why no index helps. Pure. */
import {formatShare, formatSize} from '../../base/format-units.js'
import type {Bytes, Share} from '../../base/units.js'
import {ddlOf, partitionedDdlOf} from './advice/ddl.js'
import type {Candidate, IndexDesign, Rejected} from './advice/index-design.js'
import {mergeCandidates} from './advice/merge-candidates.js'
import type {DbExplainFacts, QueryAdvice} from './facts.js'

export type Findings = Pick<DbExplainFacts, 'looks' | 'skipped' | 'refused' | 'advice' | 'proof' | 'checked' | 'copy'>

export interface ToApply {
  /** Without the `;` at its end. */
  readonly ddl: string
  readonly why: string
}

/**
 * What is advised: chosen by the planner where candidates could be tried; else the first that comes to mind for each query. What cannot even be
 * imagined, as an inverted index to HypoPG, is advised unseen where nothing else serves its query.
 */
export function advised({advice, proof}: Pick<Findings, 'advice' | 'proof'>): readonly Candidate[] {
  if (proof === undefined) return firstOfEach(advice)
  const chosen = proof.choice.chosen.map(({candidate, serves}) => ({...candidate, serves}))
  if (proof.kind !== 'hypothetical') return chosen
  const served = new Set(chosen.flatMap(({serves}) => serves))
  const notTried = new Set(proof.choice.notTried.map(({design}) => ddlOf(design)))
  const untried = mergeCandidates(advice.flatMap(({candidates}) => candidates)).filter(
    ({design, alternative}) => alternative !== true && notTried.has(ddlOf(design)),
  )
  const unseen = advice
    .filter(({query}) => !served.has(query))
    .flatMap(({query}) => untried.find(({serves}) => serves.includes(query)) ?? [])
  return [...chosen, ...new Set(unseen)]
}

function firstOfEach(advice: readonly QueryAdvice[]): readonly Candidate[] {
  return mergeCandidates(
    advice.flatMap(({candidates}) => candidates.filter(({alternative}) => alternative !== true).slice(0, 1)),
  )
}

export function ddlToApply(found: Findings): readonly ToApply[] {
  return advised(found).flatMap(({design, why, needs, serves}) => [
    ...needs.map((extension) => ({
      ddl: `CREATE EXTENSION IF NOT EXISTS ${extension}`,
      why: `needed by the index that follows`,
    })),
    ...statementsFor(design, found).map((ddl, step, {length}) => {
      const what = step === 0 ? why : `step ${step + 1} of ${length}`
      return {ddl, why: `${serves.join(', ')}: ${what}`}
    }),
  ])
}

function statementsFor(design: IndexDesign, {advice}: Pick<Findings, 'advice'>): readonly string[] {
  const whole = advice
    .flatMap(({partitioned}) => partitioned)
    .find(({schema, name}) => schema === design.schema && name === design.table)
  return whole === undefined ? [ddlOf(design, {concurrently: true})] : partitionedDdlOf(design, whole.partitions)
}

/** A far smaller index that is slower, told beside those that are advised. */
export interface Alternative {
  /** Without the `;` at its end; of a partitioned table the first of its steps. */
  readonly ddl: string
  readonly serves: readonly string[]
  /** Undefined where it was not tried. */
  readonly tried: {readonly bytes: Bytes; readonly saves: Share} | undefined
}

/** Where candidates could be tried, those that a plan takes when they stand alone. */
export function alternatives(found: Pick<Findings, 'advice' | 'proof'>): readonly Alternative[] {
  const {advice, proof} = found
  const ddlTo = (design: IndexDesign) => statementsFor(design, found)[0] ?? ddlOf(design)
  if (proof !== undefined)
    return proof.choice.alternatives.map(({candidate, built, serves, saves}) => {
      return {ddl: ddlTo(candidate.design), serves, tried: {bytes: built.bytes, saves}}
    })
  return mergeCandidates(advice.flatMap(({candidates}) => candidates))
    .filter(({alternative}) => alternative === true)
    .map(({design, serves}) => ({ddl: ddlTo(design), serves, tried: undefined}))
}

/** `cheaper alternative for a: CREATE INDEX …; 24 KiB, would save 31 % of the workload by the planner's costs`, on one line. */
export function alternativeText({ddl, serves, tried}: Alternative): string {
  const worth =
    tried === undefined
      ? 'not tried'
      : `${formatSize(tried.bytes)}, saves ${formatShare(Math.max(0, tried.saves))} of the workload by the planner's costs`
  return `cheaper alternative for ${serves.join(', ')}: ${ddl}; ${worth}`
}

/** Everything that was thought of and not taken. */
export function rejected({advice, proof}: Findings): readonly Rejected[] {
  const early = advice.flatMap((one) => one.rejected)
  const notTried = proof?.choice.notTried.map(({design, serves, reason}) => ({design, serves, reason})) ?? []
  const all = [...early, ...(proof?.choice.rejected ?? []), ...notTried]
  // Each binding of a query may bring the same one.
  return [...new Map(all.map((one) => [`${ddlOf(one.design)}\n${one.reason}`, one])).values()]
}

interface Unindexable {
  readonly query: string
  /** That no index can help; else one might. */
  readonly known: boolean
  readonly why: string
}

/** Slow queries for which no index was found or none was taken, and why as far as it is known. */
export function unindexable({looks, advice, proof}: Findings): readonly Unindexable[] {
  const served = new Set(advised({advice, proof}).flatMap(({serves}) => serves))
  return looks
    .filter(({slow, query}) => slow && !served.has(query.name))
    .map(({query: {name}}) => {
      const why = whyNone(name, {advice, proof})
      return {query: name, known: why !== undefined, why: why ?? untried(name, proof) ?? 'it is not known why'}
    })
}

function untried(query: string, proof: Findings['proof']): string | undefined {
  const reasons = proof?.choice.notTried.filter(({serves}) => serves.includes(query)).map(({reason}) => reason) ?? []
  return reasons.length === 0 ? undefined : `what might help could not be tried: ${[...new Set(reasons)].join('; ')}`
}

function whyNone(query: string, {advice, proof}: Pick<Findings, 'advice' | 'proof'>): string | undefined {
  const own = advice.find((one) => one.query === query)
  if (own === undefined) return undefined
  if (own.why.length > 0) return own.why.join('; ')
  // What could not be tried might have helped.
  if (proof?.choice.notTried.some(({serves}) => serves.includes(query)) === true) return undefined
  const tried = proof?.choice.rejected.filter(({serves}) => serves.includes(query)) ?? []
  return tried.length === 0
    ? undefined
    : `${tried.length} tried: ${[...new Set(tried.map(({reason}) => reason))].join('; ')}`
}
