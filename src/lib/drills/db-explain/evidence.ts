/** The run's own evidence for the report, JSON-printable and without values of the user's data. Pure. */
import {ddlOf, nameOf} from './advice/ddl.js'
import type {Look} from './facts.js'
import {FinalNames} from './final-names.js'
import {alternatives, ddlToApply, rejected, unindexable, type Findings} from './findings.js'
import type {DbExplainPlan} from './plan.js'

export function evidenceOf({level}: Pick<DbExplainPlan, 'level'>, found: Findings): Readonly<Record<string, unknown>> {
  const {looks, skipped, proof, copy, checked} = found
  const names = new FinalNames(proof?.choice.chosen ?? [])
  return {
    level,
    queries: looks.map(ofLook),
    skipped: skipped.map(({name, place, reason}) => ({name, ...place, reason})),
    toApply: ddlToApply(found),
    alternatives: alternatives(found).map(({tried, ...one}) => ({...one, ...tried})),
    notTaken: rejected(found).map(({design, serves, reason}) => ({ddl: ddlOf(design), serves, reason})),
    unindexable: unindexable(found),
    ...(proof && {
      tried: proof.kind,
      chosen: proof.choice.chosen.map(({candidate, built, serves, saves}) => ({
        ddl: ddlOf(candidate.design),
        name: nameOf(candidate.design),
        serves,
        saves,
        buildMs: built.buildMs,
        bytes: built.bytes,
      })),
      measured: proof.measured.map((one) => ({...one, uses: one.uses.map((index) => names.of(index))})),
      writes: proof.charges,
      ...(proof.drift !== undefined && {drift: proof.drift}),
      ...(proof.stopped !== undefined && {stopped: proof.stopped}),
    }),
    ...(copy && {copy}),
    also: checked.flatMap(({sentences}) => sentences),
  }
}

/** Of one that was given up after `givenUpMs`, `timeMs` is the least that it takes. */
function ofLook({query, timeMs, times, slow, plans}: Look) {
  return {
    name: query.name,
    calls: query.calls,
    timeMs,
    /** Of all runs that were timed. */
    lookedMs: times.reduce((sum, time) => sum + time, 0),
    ...(query.givenUpMs !== undefined && {givenUpMs: query.givenUpMs}),
    slow,
    bindings: query.bindings.map(({stratum}) => stratum),
    plans: plans.map(({shape, cost}) => ({shape, cost})),
  }
}
