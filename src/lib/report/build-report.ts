/** Puts together the report of one run from what was planned, measured and judged; pure. */
import type {Curve} from '../metrics/curve.js'
import type {Exhibit} from '../metrics/exhibit.js'
import type {Phase} from '../metrics/metric.js'
import type {Series} from '../metrics/series.js'
import type {Checked, Finding, Verdict} from '../verdict/finding.js'
import type {Mover} from '../verdict/moved-with.js'
import type {Report} from './schema.js'
import {summariseMetrics} from './summarise.js'

/** What a report is made of. */
export interface Evidence {
  readonly tool: Report['tool']
  readonly run: {
    readonly id: string
    readonly startedAt: Date
    readonly durationMs: number
    readonly interruptedBy?: string
    readonly stopped?: NonNullable<Report['stopped']>
  }
  readonly plan: {readonly drill: string; readonly seed: string}
  readonly target: Report['target']
  readonly environment: Report['environment']
  readonly facts: {
    readonly phases: readonly Phase[]
    readonly faults?: Report['faults']
    readonly series: Series
    readonly generator: Report['generator']
    readonly curve?: Curve
    readonly exhibits?: readonly Exhibit[]
    readonly evidence: Readonly<Record<string, unknown>>
  }
  readonly checked: Checked
  readonly next: Report['next']
  /** Watched resources that moved with the latency, the strongest first. */
  readonly movers?: readonly Mover[]
  readonly judged: {readonly findings: readonly Finding[]; readonly verdict: Verdict; readonly exitCode: number}
}

/** Carries no secret that was not already in the plan or the facts; redact the whole before it leaves. */
export function buildReport(evidence: Evidence): Report {
  const {tool, run, plan, target, environment, facts, checked, judged, next, movers = []} = evidence
  return {
    schema: 'proofload.report/1',
    tool,
    drill: plan.drill,
    id: run.id,
    startedAt: run.startedAt.toISOString(),
    durationMs: Math.round(run.durationMs),
    seed: plan.seed,
    ...(run.interruptedBy === undefined ? {} : {interruptedBy: run.interruptedBy}),
    ...(run.stopped === undefined ? {} : {stopped: run.stopped}),
    target: {kind: target.kind, description: target.description},
    plan: {...plan},
    environment,
    generator: {...facts.generator},
    phases: facts.phases,
    faults: facts.faults ?? [],
    metrics: summariseMetrics(checked.metrics),
    series: facts.series,
    ...(facts.curve === undefined ? {} : {curve: facts.curve}),
    ...(facts.exhibits === undefined ? {} : {exhibits: facts.exhibits}),
    findings: judged.findings,
    doubts: checked.doubts,
    movedWithLatency: movers,
    verdict: judged.verdict,
    exitCode: judged.exitCode,
    next,
    facts: facts.evidence,
  }
}
