/** The part of a report that tells what each fault did. */
import {z} from 'zod'
import {maybe, whole} from './schema-parts.js'

const outcomes = z
  .object({ok: whole, failed: whole, unknown: whole})
  .describe('Operations that were due then; unknown: whether they happened stayed open.')

const side = z
  .object({
    seconds: whole.describe('Whole seconds that it is made of.'),
    successesPerSecond: z.number(),
    latencyP99Ms: maybe,
    cutOff: whole.describe('Users that lost their connection.'),
    lost: whole,
    outcomes,
  })
  .nullable()

const effectSchema = z.object({
  firstErrorMs: maybe.describe(
    'From the injection to the first operation that failed or stayed open, or user cut off.',
  ),
  outcomes: outcomes.describe('While it was in force; ok/all and (ok+unknown)/all bound the availability.'),
  lost: whole.describe('Deliveries, across the fault and its recovery.'),
  recovered: whole.describe('Of the lost ones, those that the history holds.'),
  duplicated: whole,
  returning: z.object({
    cutOff: whole,
    attemptPeak100Ms: whole,
    attemptPeak1s: whole,
    back50Ms: maybe.describe('From the first user cut off until half of them were back; null: they never were.'),
    back95Ms: maybe,
    back100Ms: maybe,
  }),
  before: side,
  during: side,
  after: side,
})

export const faultSchema = z
  .object({
    label: z.string().describe("Its name among the faults of the run, and the value of its metrics' tag `fault`."),
    name: z.string(),
    text: z.string(),
    injectedAtMs: maybe.describe("From the run's start; null: it never came to it."),
    revertedAtMs: maybe,
    outcome: z.enum(['planned', 'active', 'reverted', 'not injected', 'not reverted']),
    trouble: z.string().optional(),
    evidence: z.record(z.string(), z.union([z.number(), z.string()])).describe('What was counted where it acts.'),
    recovery: z
      .discriminatedUnion('state', [
        z.object({
          state: z.literal('seen'),
          atMs: z.number().describe("From the run's start."),
          afterMs: z.number().describe('From the revert.'),
        }),
        z.object({
          state: z.literal('unseen'),
          why: z.string(),
          atLeastMs: z.number().optional().describe('It took no less than this, from the revert.'),
        }),
      ])
      .nullable()
      .describe('Recovered: the steady thresholds hold for 3 s in a row, with 90 % of the successes before.'),
    effect: effectSchema.nullable(),
  })
  .describe('Times in ms.')
