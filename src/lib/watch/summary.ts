/** What was watched, in short: for the report's `facts`, beside the series that have every second. */
import type {Phase, Unit} from '../metrics/metric.js'
import type {WatchedResource, WatchedSystem, WatchFacts} from './facts.js'
import {figuresOf} from './seconds.js'

export interface PhaseFigures {
  readonly min: number
  readonly mean: number
  readonly max: number
}

export interface ResourceSummary {
  readonly unit: Unit
  /** Phases without a figure are left out. */
  readonly byPhase: Readonly<Record<string, PhaseFigures>>
}

export interface SystemSummary extends Omit<WatchedSystem, 'resources'> {
  readonly resources: Readonly<Record<string, ResourceSummary>>
}

/** JSON-printable, without secrets. Phases of one name are taken together. */
export function watchSummary({systems}: WatchFacts, phases: readonly Phase[]): SystemSummary[] {
  return systems.map(({resources, ...system}) => ({
    ...system,
    resources: Object.fromEntries(
      Object.entries(resources).map(([name, resource]) => [name, summaryOf(resource, phases)]),
    ),
  }))
}

function summaryOf({unit, values}: WatchedResource, phases: readonly Phase[]): ResourceSummary {
  const names = [...new Set(phases.map(({name}) => name))]
  const byPhase = names.flatMap((name) => {
    const figures = phases.filter((phase) => phase.name === name).flatMap((phase) => figuresOf(phase, values))
    return figures.length === 0 ? [] : [[name, extremesOf(figures)] as const]
  })
  return {unit, byPhase: Object.fromEntries(byPhase)}
}

function extremesOf(figures: readonly number[]): PhaseFigures {
  let [min, max, sum] = [Infinity, -Infinity, 0]
  for (const figure of figures) {
    min = Math.min(min, figure)
    max = Math.max(max, figure)
    sum += figure
  }
  return {min, mean: sum / figures.length, max}
}
