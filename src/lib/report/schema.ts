/** The shape of a report: one source for the TypeScript type and for the shipped JSON schema. */
import {z} from 'zod'
import {faultSchema} from './fault-schema.js'
import {maybe, unit, whole} from './schema-parts.js'

const verdict = z.enum(['pass', 'fail', 'inconclusive'])

const distribution = z.object({
  count: whole.describe('All samples.'),
  independent: whole.describe('Samples that stand for themselves: messages, not receivers of one message.'),
  min: maybe,
  mean: maybe,
  p50: maybe,
  p90: maybe,
  p95: maybe,
  p99: maybe,
  p999: maybe,
  max: maybe,
})

const counter = z.object({value: z.number(), exposure: z.number().optional().describe('What the count was tried on.')})
const gauge = z.object({value: z.number()})
const share = z.object({value: maybe, hits: whole, trials: whole})

const head = {unit, meaning: z.string()}

/** The same figures for each phase, and for each `tag=value`. */
const cuts = <Shape extends z.ZodType>(shape: Shape) => ({
  byPhase: z.record(z.string(), shape),
  byTag: z.record(z.string(), shape).describe('Keyed by `tag=value`.'),
})

const metricSchema = z.discriminatedUnion('type', [
  z.object({type: z.literal('distribution'), ...head, ...distribution.shape, ...cuts(distribution)}),
  z.object({type: z.literal('counter'), ...head, exposedTo: z.string().optional(), ...counter.shape, ...cuts(counter)}),
  z.object({type: z.literal('gauge'), ...head, ...gauge.shape, ...cuts(gauge)}),
  z.object({type: z.literal('share'), ...head, ...share.shape, ...cuts(share)}),
])

const column = z.discriminatedUnion('type', [
  z.object({type: z.literal('counter'), perSecond: z.array(z.number())}),
  z.object({type: z.literal('gauge'), value: z.array(maybe)}),
  z.object({
    type: z.literal('distribution'),
    count: z.array(z.number()),
    p50: z.array(maybe),
    p99: z.array(maybe),
    max: z.array(maybe),
  }),
])

const findingSchema = z.object({
  threshold: z.string(),
  metric: z.string(),
  tags: z.record(z.string(), z.string()),
  phase: z.string().optional(),
  observed: z.number().optional(),
  unit,
  bound: z.number().describe('The number it was compared with, in `unit`.'),
  samples: z.number().optional(),
  exposure: z.number().optional(),
  exposedTo: z.string().optional(),
  interval: z.tuple([z.number(), z.number()]).optional().describe('Two-sided 95 % interval of the observed value.'),
  margin: z.number().optional().describe('Distance from the bound as a share of it; positive holds.'),
  verdict,
  warn: z.boolean().describe('A warning never breaks the run.'),
  why: z.string().optional().describe('Why it is not a pass, or passes without a figure.'),
})

const doubtSchema = z.object({
  name: z.string(),
  why: z.string(),
  advice: z.string(),
  spoils: z.union([z.enum(['all', 'latency']), z.array(z.string())]),
  worsens: z
    .array(z.string())
    .optional()
    .describe('Metrics that it can only have made worse: what breaks is in doubt, what holds holds.'),
})

const moverSchema = z.object({
  of: z.string().describe('The watched system.'),
  resource: z.string(),
  unit,
  rho: z.number().describe("Spearman's rank correlation, second by second."),
  lagSeconds: z.number().describe('So much later than the resource the latency moved.'),
  from: z.number().describe('Its median in the quarter of seconds with the lowest latency.'),
  to: z.number().describe('Its median in the quarter of seconds with the highest latency.'),
  samples: whole,
  isUsedUp: z.boolean().describe('A share that left nothing to spare.'),
  sentence: z.string(),
})

const generatorSchema = z.object({
  workers: whole,
  eventLoopDelayP99Ms: z.number(),
  cpuShare: z.number().describe('Of one core, by the busiest worker.'),
  gcShare: z.number(),
  waitShare: z.number().describe('Of the time, waiting for a processor, by the worker that waited most.'),
  startDelayP99Ms: z.number(),
  droppedArrivals: whole,
  rssBytes: z.number(),
  othersShare: z
    .number()
    .optional()
    .describe("Of this machine's processors, by programs that are neither ours nor the practice target's."),
  healthy: z.boolean(),
})

const environmentSchema = z.object({
  node: z.string(),
  os: z.string(),
  cpus: whole,
  memoryBytes: z.number(),
  services: z.record(z.string(), z.string()).describe('What the target ran on, where we know it.'),
})

const stoppedSchema = z.object({condition: z.string(), observed: z.number(), unit, atMs: z.number()})

const axis = z.object({name: z.string(), unit})

const curveSchema = z
  .object({
    x: axis,
    columns: z.array(axis).describe('What the values of each point are.'),
    points: z.array(
      z.object({
        x: z.number(),
        values: z.array(maybe),
        outcome: z.enum(['held', 'broke', 'strained']).describe('strained: our own side was at its limit.'),
        why: z.string().optional(),
      }),
    ),
    knee: z.string().describe('Where it held, where it broke, and by what.'),
  })
  .describe('Only of a search: the figures at each level of load that was tried.')

const exhibitSchema = z
  .object({
    title: z.string(),
    group: z.string().optional().describe('Neighbours of one group belong together, as before and after.'),
    lines: z.array(z.array(z.object({text: z.string(), tone: z.enum(['plain', 'dim', 'warm', 'hot', 'good'])}))),
  })
  .describe('Evidence that is shown and not judged, as lines of marked text: plans, statements to apply.')

export const reportSchema = z
  .object({
    schema: z.literal('proofload.report/1'),
    tool: z.object({name: z.string(), version: z.string()}),
    drill: z.string(),
    id: z.string().describe('Eight characters, unique to this run; it marks our messages.'),
    startedAt: z.iso.datetime(),
    durationMs: z.number(),
    seed: z.string(),
    interruptedBy: z.string().optional().describe('The signal that ended the run early.'),
    stopped: stoppedSchema.optional().describe('The --stop-when that ended the run early.'),
    target: z.object({kind: z.enum(['practice', 'external']), description: z.string()}),
    plan: z.record(z.string(), z.unknown()),
    environment: environmentSchema,
    generator: generatorSchema,
    phases: z.array(z.object({name: z.string(), startMs: z.number(), endMs: z.number()})),
    faults: z.array(faultSchema),
    metrics: z.record(z.string(), metricSchema),
    series: z.record(z.string(), column).describe('Figures of each second, the first second first.'),
    curve: curveSchema.optional(),
    exhibits: z.array(exhibitSchema).optional(),
    findings: z.array(findingSchema),
    doubts: z.array(doubtSchema),
    movedWithLatency: z
      .array(moverSchema)
      .describe('What of the watched systems moved with the latency, the strongest first.'),
    verdict,
    exitCode: whole,
    next: z
      .object({ownSystem: z.string(), undecided: z.object({what: z.string(), flags: z.string()})})
      .describe(
        'What may be tried after a run that passed on the practice target, and after one that decided nothing.',
      ),
    facts: z.record(z.string(), z.unknown()).describe("The drill's own evidence."),
  })
  .describe('Times in ms, sizes in bytes, rates per second, shares as fractions from 0 to 1.')

/** What was parsed once is not written again. */
type Frozen<T> = T extends object ? {readonly [Key in keyof T]: Frozen<T[Key]>} : T

export type Report = Frozen<z.infer<typeof reportSchema>>
export type ReportMetric = Report['metrics'][string]
export type ReportCurve = NonNullable<Report['curve']>
export type ReportExhibit = NonNullable<Report['exhibits']>[number]
export type ReportFinding = Report['findings'][number]
export type ReportFault = Report['faults'][number]

/** The JSON schema that ships as `fixtures/schema/report.schema.json`. */
export function reportJsonSchema(): Record<string, unknown> {
  return {title: 'proofload report', ...z.toJSONSchema(reportSchema)}
}
