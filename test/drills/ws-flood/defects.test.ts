/** The matrix "defect × ws-flood": each defect of the practice target is caught by its own finding and by no other. */
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {freshSeed, seededRandom} from '../../../src/lib/base/random.js'
import {
  type ChatDefect,
  DEFECTS,
  type OutageDefect,
  type ThroughputDefect,
} from '../../../src/lib/targets/practice/defects/catalogue.js'
import {parseDefect} from '../../../src/lib/targets/practice/defects/parse-defect.js'
import {startPractice, type PracticeTarget} from '../../../src/lib/targets/practice/practice.js'
import type {CheckedDefect} from './checks.test.js'
import {flood, smallFlood} from './fixture.js'

/** Printed in every title, so that a failure can be repeated. */
const seed = process.env['PROOFLOAD_TEST_SEED'] ?? freshSeed()
const random = seededRandom(seed)

const share = (from: number, to: number): string => `${(100 * (from + random.next() * (to - from))).toFixed(2)}%`

/** From the smallest severity that this scale shows for certain, to a coarse one. */
const SEVERITIES: Readonly<Record<Exclude<ChatDefect, CheckedDefect | OutageDefect | ThroughputDefect>, string>> = {
  'lose-deliveries': share(0.01, 0.3),
  'duplicate-deliveries': share(0.01, 0.3),
  'reorder-deliveries': share(0.02, 0.3),
  'wrong-room': share(0.05, 0.3),
  'stall-output': `${250 + random.below(250)}ms/1s`,
  'refuse-handshakes': share(0.15, 0.4),
  'deaf-node': String(random.below(2)),
  'close-connections': `${share(0.15, 0.4)}/s`,
}

/** Only a stall is judged by time here; how fast a shared machine is says nothing about the target. */
const UNHURRIED = ['p99(delivery_latency) < 10s']

let practice: PracticeTarget

beforeAll(async () => {
  practice = await startPractice({nodes: 2})
})
afterAll(async () => {
  await practice[Symbol.asyncDispose]()
})

describe(`ws-flood against the practice target, seed ${seed}`, () => {
  it('raises no alarm without a defect', async () => {
    await practice.setDefects([], seed)
    const {findings} = await flood(await smallFlood({seed}), practice.target, UNHURRIED)
    expect(findings.filter(({verdict}) => verdict === 'fail')).toEqual([])
    const counted = findings.filter(({metric}) => metric !== 'delivery_latency')
    expect(counted.map(({metric, verdict}) => `${metric} ${verdict}`)).toEqual(
      counted.map(({metric}) => `${metric} pass`),
    )
  })

  for (const [name, severity] of Object.entries(SEVERITIES) as [keyof typeof SEVERITIES, string][]) {
    it(`catches ${name}=${severity} by ${DEFECTS[name].finding} and nothing else`, async () => {
      await practice.setDefects([parseDefect(`${name}=${severity}`)], `${seed} ${name}`)
      const input = await smallFlood({seed: `${seed} ${name}`})
      const {failed} = await flood(input, practice.target, name === 'stall-output' ? [] : UNHURRIED)
      expect(failed).toEqual([DEFECTS[name].finding])
    })
  }

  it('shows a stall in p99 and max as long as it was programmed', async () => {
    await practice.setDefects([parseDefect('stall-output=400ms/1s')], seed)
    const {facts} = await flood(await smallFlood({seed, durationMs: 3000}), practice.target)
    const latency = facts.measurements.distribution('delivery_latency', {phase: 'steady'})
    // Messages are due every 5 ms, so that some fall right behind the start of a stall and wait for nearly all of it.
    expect(latency.max).toBeGreaterThan(380)
    expect(latency.percentile(99)).toBeGreaterThan(330)
  })
})
