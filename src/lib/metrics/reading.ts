/** Reads metrics off what was measured, each count with what it was tried on; pure. */
import type {Measurements} from './measurements.js'
import type {CounterSlice, Metric, MetricDefinition, Phase} from './metric.js'

/** How the metrics of a catalogue are to be read. */
export interface Reading<Name extends string> {
  readonly catalogue: Readonly<Record<Name, MetricDefinition>>
  /** What each count was tried on: the sum of these. */
  readonly exposure: Readonly<Partial<Record<Name, readonly Name[]>>>
  /** Counts whose exposure is told for the run and not by phase. */
  readonly ofTheRun?: ReadonlySet<Name>
  /** Distributions with a sample for each receiver of a message, of which only the messages stand for themselves. */
  readonly perReceiver: {readonly distributions: readonly Name[]; readonly messages: Name}
}

export interface Measured {
  readonly measurements: Measurements
  readonly phases: readonly Phase[]
}

/** One metric that the workers counted. Throws for a share, which nobody counts sample by sample. */
export function metricOf<Name extends string>(name: Name, reading: Reading<Name>, measured: Measured): Metric {
  const definition = reading.catalogue[name]
  const {measurements} = measured
  switch (definition.type) {
    case 'counter':
      return {type: 'counter', definition, slices: counterSlices(name, reading, measured)}
    case 'gauge':
      return {type: 'gauge', definition, slices: measurements.gaugeSlices(name)}
    case 'distribution': {
      const slices = measurements.distributionSlices(name, independentOf(name, reading, measurements))
      return {type: 'distribution', definition, slices}
    }
    case 'share':
      throw new Error(`${name}: a share is not counted sample by sample`)
  }
}

/** What was counted, by the value of one tag. */
export function countsByTag(measurements: Measurements, metric: string, tag: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const {tags, value} of measurements.counterSlices(metric)) {
    const key = tags[tag] ?? ''
    counts[key] = (counts[key] ?? 0) + value
  }
  return counts
}

/** The counts by phase and tag, and for each phase (or for the run) one slice that carries what they were tried on. */
function counterSlices<Name extends string>(
  name: Name,
  {catalogue, exposure, ofTheRun}: Reading<Name>,
  {measurements, phases}: Measured,
): CounterSlice[] {
  const counted = measurements.counterSlices(name)
  const exposedTo = exposure[name]
  if (catalogue[name].exposedTo === undefined || !exposedTo) return counted
  const tried = (phase?: string): number =>
    exposedTo.reduce((sum, other) => sum + measurements.total(other, phase === undefined ? {} : {phase}), 0)
  const names = [...new Set([...phases.map((phase) => phase.name), ...counted.map(({phase}) => phase)])]
  const byPhase = names.map((phase) => ({phase, tags: {}, value: 0}))
  if (ofTheRun?.has(name)) return [...counted, ...byPhase, {phase: '', tags: {}, value: 0, exposure: tried()}]
  return [...counted, ...byPhase.map((slice) => ({...slice, exposure: tried(slice.phase)}))]
}

/** Undefined: every sample stands for itself. */
function independentOf<Name extends string>(
  name: Name,
  {perReceiver: {distributions, messages}}: Reading<Name>,
  measurements: Measurements,
): ((phase: string) => number) | undefined {
  return distributions.includes(name) ? (phase) => measurements.total(messages, {phase}) : undefined
}
