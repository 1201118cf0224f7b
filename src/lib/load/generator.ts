/** Our own health over the judged phases, and the doubts that follow from it. */
import type {Bytes, Ms, Share} from '../base/units.js'
import type {Measurements} from '../metrics/measurements.js'
import type {Phase} from '../metrics/metric.js'
import type {Doubt} from '../verdict/finding.js'
import type {WorkerDeath} from './colleague.js'

/** The worst worker counts. */
export interface GeneratorFacts {
  readonly workers: number
  readonly eventLoopDelayP99Ms: Ms
  /** Of one core. */
  readonly cpuShare: Share
  readonly gcShare: Share
  /** Of the time, ready to run but without a processor; 0 where the system does not tell (only Linux does). */
  readonly waitShare: Share
  readonly startDelayP99Ms: Ms
  readonly droppedArrivals: number
  /** Of all workers together. */
  readonly rssBytes: Bytes
  /** Of this machine's processors, by programs that are neither ours nor the practice target's; undefined where that cannot be told. */
  readonly othersShare?: Share
  readonly healthy: boolean
}

/**
 * Where our own lateness begins to show in latencies of tens of milliseconds. A worker that competes for its processor may wait
 * often and never long, which no percentile of the event loop shows; whatever arrives meanwhile is measured late all the same.
 */
const LIMITS = {
  eventLoopDelayP99Ms: 30,
  cpuShare: 0.9,
  gcShare: 0.1,
  waitShare: 0.3,
  startDelayP99Ms: 20,
  othersShare: 0.3,
} as const

/** What we can see on ourselves that makes our figures worse. */
export type Sign =
  'event-loop-delay' | 'cpu-share' | 'garbage-collection' | 'processor-wait' | 'busy-machine' | 'start-delay'

export interface GeneratorEvidence {
  readonly measurements: Measurements
  readonly phases: readonly Phase[]
  readonly workers: number
  /** How much of the machine others took in a phase; left out where the target is one of them. */
  readonly others?: ((phase: Phase) => Share | undefined) | undefined
  /** Those that say something in this drill; all, if not told. */
  readonly signs?: readonly Sign[]
}

/** Judged over the steady phases, or over all but the drain where there is none. */
export function generatorFacts({measurements, phases, workers, others, signs}: GeneratorEvidence): GeneratorFacts {
  const judged = judgedPhases(phases)
  const names = new Set(judged.map(({name}) => name))
  const lengthMs = judged.reduce((sum, {startMs, endMs}) => sum + endMs - startMs, 0)
  const busiest = (metric: string): number => worstSum(measurements, metric, names)
  const taken = judged.flatMap((phase) => others?.(phase) ?? [])
  const facts = {
    ...(taken.length > 0 && {othersShare: Math.max(...taken)}),
    workers,
    eventLoopDelayP99Ms: worstP99(measurements, 'generator_event_loop_delay', names),
    cpuShare: lengthMs > 0 ? busiest('generator_cpu_time') / lengthMs : 0,
    gcShare: lengthMs > 0 ? busiest('generator_gc_time') / lengthMs : 0,
    waitShare: lengthMs > 0 ? busiest('generator_wait_time') / lengthMs : 0,
    startDelayP99Ms: worstP99(measurements, 'start_delay', names),
    droppedArrivals: measurements.total('dropped_arrivals'),
    rssBytes: newestOfEach(measurements, 'generator_rss'),
  }
  return {...facts, healthy: !strains(facts).some(({name}) => signs?.includes(name) ?? true)}
}

/** Reasons not to trust our own figures; `worsens`: metrics beside latencies that look worse when we do not keep up. */
export function generatorDoubts(
  facts: GeneratorFacts,
  deaths: readonly WorkerDeath[],
  worsens: readonly string[],
): Doubt[] {
  const strained: Doubt[] = strains(facts).map((strain) => ({...strain, spoils: 'latency', worsens}))
  const died: Doubt[] = deaths.map(({worker, how}) => ({
    name: 'worker-died',
    why: `worker ${worker} of ours ended during the run (${how}), and its users with it`,
    advice: 'run again; if it happens again, lower the load for each worker with --workers, and report it',
    spoils: 'all',
  }))
  return [...died, ...strained]
}

interface Strain extends Omit<Doubt, 'spoils'> {
  readonly name: Sign
}

function strains(facts: Omit<GeneratorFacts, 'healthy'>): Strain[] {
  const fewer = 'lower the load, or move the generator to a machine of its own'
  const found: (Strain | false)[] = [
    facts.eventLoopDelayP99Ms > LIMITS.eventLoopDelayP99Ms && {
      name: 'event-loop-delay',
      why: `timers of our own workers ran ${facts.eventLoopDelayP99Ms.toFixed(0)} ms late (p99; trusted up to ${LIMITS.eventLoopDelayP99Ms} ms)`,
      advice: `something else takes the processor: ${fewer}`,
    },
    facts.cpuShare > LIMITS.cpuShare && {
      name: 'cpu-share',
      why: `our busiest worker used ${percent(facts.cpuShare)} of a core`,
      advice: `add workers with --workers while there are free cores; else ${fewer}`,
    },
    facts.gcShare > LIMITS.gcShare && {
      name: 'garbage-collection',
      why: `our busiest worker collected garbage ${percent(facts.gcShare)} of the time`,
      advice: `add workers with --workers; else ${fewer}`,
    },
    facts.waitShare > LIMITS.waitShare && {
      name: 'processor-wait',
      why: `our workers waited ${percent(facts.waitShare)} of the time for a processor (trusted up to ${percent(LIMITS.waitShare)})`,
      advice: `something else takes the processor: ${fewer}`,
    },
    facts.othersShare !== undefined &&
      facts.othersShare > LIMITS.othersShare && {
        name: 'busy-machine',
        why: `other programs took ${percent(facts.othersShare)} of this machine's processors, from us and from the practice target (trusted up to ${percent(LIMITS.othersShare)})`,
        advice: `end them; else ${fewer}`,
      },
    facts.startDelayP99Ms > LIMITS.startDelayP99Ms && {
      name: 'start-delay',
      why: `our own sends started ${facts.startDelayP99Ms.toFixed(0)} ms late (p99; trusted up to ${LIMITS.startDelayP99Ms} ms)`,
      advice: `add workers with --workers while there are free cores; else ${fewer}`,
    },
  ]
  return found.filter((strain) => strain !== false)
}

function percent(share: Share): string {
  return `${(share * 100).toFixed(0)} %`
}

function judgedPhases(phases: readonly Phase[]): readonly Phase[] {
  const steady = phases.filter(({name}) => name === 'steady')
  return steady.length > 0 ? steady : phases.filter(({name}) => name !== 'drain')
}

function worstP99(measurements: Measurements, metric: string, phases: ReadonlySet<string>): number {
  const slices = measurements.distributionSlices(metric).filter(({phase}) => phases.has(phase))
  return Math.max(0, ...slices.map(({histogram}) => histogram.percentile(99) ?? 0))
}

/** The workers' last readings together, whichever phase each was taken in. */
function newestOfEach(measurements: Measurements, metric: string): number {
  const newest = new Map(measurements.gaugeSlices(metric).map(({tags, value}) => [tags['worker'], value]))
  return [...newest.values()].reduce((sum, value) => sum + value, 0)
}

/** The largest sum of one worker. */
function worstSum(measurements: Measurements, metric: string, phases: ReadonlySet<string>): number {
  const sums = new Map<string, number>()
  for (const {phase, tags, value} of measurements.counterSlices(metric)) {
    const worker = tags['worker'] ?? ''
    if (phases.has(phase)) sums.set(worker, (sums.get(worker) ?? 0) + value)
  }
  return Math.max(0, ...sums.values())
}
