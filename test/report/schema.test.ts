import {readFile} from 'node:fs/promises'
import {expect, test} from 'vitest'
import {toJsonText} from '../../src/lib/report/json.js'
import {reportJsonSchema, reportSchema} from '../../src/lib/report/schema.js'
import {CURVE, FAULT, finding, reportWithFaults, sampleReport} from './sample.js'

test('the shipped schema of a report is made from the same source as its type', async () => {
  const shipped = await readFile(new URL('../../fixtures/schema/report.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(shipped), 'run `npm run schemas`').toEqual(JSON.parse(JSON.stringify(reportJsonSchema())))
})

test.each([
  ['a run with thresholds that held', sampleReport()],
  ['a search', {...sampleReport(), curve: CURVE}],
  ['a run with a fault', reportWithFaults(FAULT)],
  [
    'a run whose fault never came, and that was stopped',
    {
      ...reportWithFaults({...FAULT, injectedAtMs: null, revertedAtMs: null, recovery: null, effect: null}),
      stopped: {condition: 'errors > 3', observed: 4, unit: 'count' as const, atMs: 3000},
    },
  ],
  [
    'a run that was interrupted',
    sampleReport({run: {id: 'a1b2c3d4', startedAt: new Date(0), durationMs: 1.5, interruptedBy: 'SIGTERM'}}),
  ],
  [
    'a run whose finding observed nothing',
    sampleReport({
      judged: {
        findings: [finding({threshold: 'messages_lost == 0', metric: 'messages_lost', observed: undefined})],
        verdict: 'inconclusive',
        exitCode: 98,
      },
    }),
  ],
])('the JSON of %s is a valid report', (_case, report) => {
  const written = JSON.parse(toJsonText(report)) as unknown
  expect(reportSchema.strict().safeParse(written).error).toBeUndefined()
})

test('metrics are summed up over the run, for each phase and for each tag', () => {
  const {metrics} = sampleReport()
  expect(metrics['delivery_latency']).toMatchObject({
    type: 'distribution',
    unit: 'ms',
    count: 5,
    independent: 3,
    min: 1,
    max: 5,
    byPhase: {ramp: {count: 2, max: 2}, steady: {count: 3, min: 3}},
    byTag: {'node=1': {count: 2}, 'node=2': {count: 3}},
  })
  expect(metrics['messages_lost']).toMatchObject({
    value: 0,
    exposure: 200_000,
    exposedTo: 'deliveries',
    byPhase: {steady: {value: 0}},
  })
})

test('lists of numbers stay on one line, texts stay as they are', () => {
  const value = {numbers: [1, null, -2.5e-7], texts: ['[\n  1\n]'], nested: [{a: []}]}
  const text = toJsonText(value)
  expect(text).toContain('"numbers": [1, null, -2.5e-7]')
  expect(JSON.parse(text)).toEqual(value)
})
