/** The checks of ws-flood, room cap and idle time: a good target passes them, and each defect is caught by its own finding alone. */
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {freshSeed, seededRandom} from '../../../src/lib/base/random.js'
import type {DefectName} from '../../../src/lib/targets/practice/defects/catalogue.js'
import {parseDefect} from '../../../src/lib/targets/practice/defects/parse-defect.js'
import {startPractice, type PracticeTarget} from '../../../src/lib/targets/practice/practice.js'
import type {WsFloodInput} from '../../../src/lib/drills/ws-flood/input.js'
import {flood, smallFlood, type JudgedFlood} from './fixture.js'

/** Defects that need a check to be seen; the others are in defects.test.ts. */
export type CheckedDefect = Extract<
  DefectName,
  'no-room-cap' | 'ungraceful-cap' | 'zombie-member' | 'never-idle-close' | 'close-receivers'
>

/** Printed in every title, so that a failure can be repeated. */
const seed = process.env['PROOFLOAD_TEST_SEED'] ?? freshSeed()
const random = seededRandom(seed)
const share = (from: number, to: number): string => `${(100 * (from + random.next() * (to - from))).toFixed(2)}%`

const CAP = 30
const IDLE_MS = 2000
/** How fast a shared machine is says nothing about the target. */
const UNHURRIED = ['p99(delivery_latency) < 10s', `max(idle_close_error) < ${IDLE_MS}ms`]

/** One that is patient with silent users, for runs that do not keep theirs alive; and one that is not. */
let patient: PracticeTarget
let strict: PracticeTarget

beforeAll(async () => {
  patient = await startPractice({nodes: 2, roomCap: CAP})
  strict = await startPractice({nodes: 2, roomCap: CAP, idleMs: IDLE_MS})
})
afterAll(async () => {
  await strict[Symbol.asyncDispose]()
  await patient[Symbol.asyncDispose]()
})

async function floodUnder(defect: string | undefined, checks: Partial<WsFloodInput>): Promise<JudgedFlood> {
  const ownSeed = `${seed} ${defect ?? 'none'}`
  const practice = checks.checkIdleMs === undefined ? patient : strict
  await practice.setDefects(defect === undefined ? [] : [parseDefect(defect)], ownSeed)
  const thresholds = checks.checkIdleMs === undefined ? UNHURRIED.slice(0, 1) : UNHURRIED
  return flood(await smallFlood({seed: ownSeed, ...checks}), practice.target, thresholds)
}

/** The findings of the checks, as rows that read as sentences. */
function rowsOf({findings}: JudgedFlood): string[] {
  return findings
    .filter(({metric}) => /^(room|idle|active)_/.test(metric))
    .map(({metric, observed, exposure, exposedTo, verdict}) =>
      [metric, ...(exposure === undefined ? [] : [observed, 'of', exposure, exposedTo]), verdict].join(' '),
    )
}

describe(`ws-flood with its checks, seed ${seed}`, () => {
  it('finds nothing wrong with a target that keeps its cap and its idle time', async () => {
    const judged = await floodUnder(undefined, {checkRoomCap: CAP, checkIdleMs: IDLE_MS})
    expect(judged.failed).toEqual([])
    expect(rowsOf(judged)).toEqual([
      'room_overadmitted 0 of 50 attempts beyond the cap pass',
      'room_underadmitted 0 of 10 seats offered pass',
      'room_refusals_ungraceful 0 of 50 attempts beyond the cap pass',
      'room_bystander_errors 0 of 40 members pass',
      'idle_not_closed 0 of 100 silent users pass',
      'active_closed 0 of 200 active users pass',
      'idle_close_error pass',
    ])
  })

  it.each([
    [`no-room-cap=${share(0.3, 1)}`, 'room_overadmitted'],
    ['ungraceful-cap=drop', 'room_refusals_ungraceful'],
    ['ungraceful-cap=kill', 'room_bystander_errors'],
    [`zombie-member=${share(0.6, 1)}`, 'room_underadmitted'],
  ])('catches %s by %s and nothing else', async (defect, finding) => {
    expect((await floodUnder(defect, {checkRoomCap: CAP})).failed).toEqual([finding])
  })

  it.each([
    [`never-idle-close=${share(0.1, 1)}`, 'idle_not_closed'],
    [`close-receivers=${share(0.1, 1)}`, 'active_closed'],
  ])('catches %s by %s and nothing else', async (defect, finding) => {
    expect((await floodUnder(defect, {checkIdleMs: IDLE_MS})).failed).toEqual([finding])
  })
})
