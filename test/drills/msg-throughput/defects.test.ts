/** The matrix "defect × msg-throughput": each defect of a message's way is caught by its own finding. */
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {freshSeed, seededRandom} from '../../../src/lib/base/random.js'
import {msgThroughput} from '../../../src/lib/drills/msg-throughput/index.js'
import type {MsgThroughputInput} from '../../../src/lib/drills/msg-throughput/input.js'
import {parseFault} from '../../../src/lib/faults/grammar.js'
import {parseDefect} from '../../../src/lib/targets/practice/defects/parse-defect.js'
import {THROUGHPUT_DEFECTS} from '../../../src/lib/targets/practice/defects/throughput-defects.js'
import {startPractice, type PracticeTarget} from '../../../src/lib/targets/practice/practice.js'
import {driven, drivenWithFaults} from '../driven.js'
import {littleThroughput} from './input.js'

/** Printed in every title, so that a failure can be repeated. */
const seed = process.env['PROOFLOAD_TEST_SEED'] ?? freshSeed()
const random = seededRandom(seed)
const share = (from: number, to: number): string => `${(100 * (from + random.next() * (to - from))).toFixed(2)}%`

type Name = keyof typeof THROUGHPUT_DEFECTS

interface Row {
  readonly severity: string
  readonly changes: Partial<MsgThroughputInput>
  /** What breaks with it, as a consequence. */
  readonly besides?: readonly string[]
}

/** Enough rooms to tell a bad hash over two shards from chance. */
const MANY_ROOMS = {rooms: 310, rate: 930}
const ARCHIVE = {archive: {source: 'select body from archived_messages', withinMs: 4000}}

const ROWS: Readonly<Record<Exclude<Name, 'ack-before-store'>, Row>> = {
  'lose-under-load': {severity: share(0.005, 0.05), changes: {rate: 1000}},
  'hot-shard': {severity: share(0.6, 1), changes: MANY_ROOMS},
  'growing-backlog': {
    severity: `${100 + random.below(120)}/s`,
    changes: {durationMs: 6500},
    besides: ['delivery_rate', 'delivery_latency', 'messages_lost'],
  },
  'missing-partition': {severity: '1s', changes: {}, besides: ['publish_latency']},
  'archive-skips-batch': {severity: String(2 + random.below(3)), changes: ARCHIVE, besides: ['archive_lag']},
  'duplicate-on-retry': {severity: share(0.005, 0.05), changes: {rate: 1000}},
}

/** How fast a shared machine is says nothing about the target. */
const UNHURRIED = ['p99(delivery_latency) < 10s', 'p95(publish_latency) < 10s', 'delivery_rate >= 300/s']
const UNGROWN = ['backlog_slope < 10000/s']

let practice: PracticeTarget
let journal: string

beforeAll(async () => {
  journal = await mkdtemp(join(tmpdir(), 'proofload-journal-'))
  practice = await startPractice({nodes: 2})
})
afterAll(async () => {
  await practice[Symbol.asyncDispose]()
  await rm(journal, {recursive: true, force: true})
})

async function planned(changes: Partial<MsgThroughputInput>) {
  const plan = msgThroughput.plan(await littleThroughput({seed, ...changes}))
  return {...plan, drain: {quietMs: 1200, atMostMs: 10_000}}
}

describe(`msg-throughput against the practice target, seed ${seed}`, () => {
  it('raises no alarm without a defect', async () => {
    await practice.setDefects([], seed)
    const plan = await planned({...MANY_ROOMS, ...ARCHIVE, archive: {...ARCHIVE.archive, withinMs: 10_000}})
    const {findings} = await driven(msgThroughput, plan, {
      target: practice.target,
      thresholds: [...UNHURRIED, ...UNGROWN],
    })
    const timed = ['delivery_latency', 'publish_latency', 'backlog_slope']
    const verdicts = findings.filter(({metric}) => !timed.includes(metric))
    expect(verdicts.map(({metric, verdict, why}) => [metric, verdict, why])).toEqual(
      verdicts.map(({metric}) => [metric, 'pass', undefined]),
    )
    expect(verdicts.map(({metric}) => metric)).toContain('shard_imbalance')
  })

  for (const [name, {severity, changes, besides = []}] of Object.entries(ROWS) as [keyof typeof ROWS, Row][]) {
    const {finding} = THROUGHPUT_DEFECTS[name]
    it(`catches ${name}=${severity} by ${finding}`, async () => {
      await practice.setDefects([parseDefect(`${name}=${severity}`)], `${seed} ${name}`)
      try {
        const plan = await planned({...changes, seed: `${seed} ${name}`})
        const easy = name === 'growing-backlog' ? [] : UNGROWN
        const hurry = finding === 'delivery_rate' ? UNHURRIED.slice(0, 2) : UNHURRIED
        const {failed} = await driven(msgThroughput, plan, {target: practice.target, thresholds: [...hurry, ...easy]})
        expect(failed).toContain(finding)
        expect(failed.filter((metric) => metric !== finding && !besides.includes(metric))).toEqual([])
      } finally {
        await practice.setDefects([], seed)
      }
    })
  }

  it('catches ack-before-store by messages_lost when a node is killed', async () => {
    await practice.setDefects([parseDefect('ack-before-store=200ms')], seed)
    const faults = {specs: [parseFault('node.kill(node=node-1) at 1s')], allowSticky: true, ...nodesOf(practice)}
    const plan = await planned({rate: 800, durationMs: 5000, faults})
    const {failed} = await drivenWithFaults(msgThroughput, plan, {
      target: practice.target,
      ground: practice.ground,
      journal,
      thresholds: [...UNHURRIED, ...UNGROWN],
    })
    expect(failed).toContain('messages_lost')
  })
})

function nodesOf({ground}: PracticeTarget) {
  return {nodes: ground.nodes, proxies: Object.keys(ground.proxies)}
}
