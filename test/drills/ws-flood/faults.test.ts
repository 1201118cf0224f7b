/** ws-flood with faults: a good target comes through them, and each defect that only shows then is caught by its own finding. */
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {freshSeed} from '../../../src/lib/base/random.js'
import {wsFlood} from '../../../src/lib/drills/ws-flood/index.js'
import type {WsFloodInput} from '../../../src/lib/drills/ws-flood/input.js'
import {parseFault} from '../../../src/lib/faults/grammar.js'
import {DEFECTS, type OutageDefect, type ThroughputDefect} from '../../../src/lib/targets/practice/defects/catalogue.js'
import {parseDefect} from '../../../src/lib/targets/practice/defects/parse-defect.js'
import {startPractice, type PracticeTarget} from '../../../src/lib/targets/practice/practice.js'
import {faultedFlood, smallFlood} from './fixture.js'

/** Printed in every title, so that a failure can be repeated. */
const seed = process.env['PROOFLOAD_TEST_SEED'] ?? freshSeed()

/** How fast a shared machine is says nothing about the target. */
const UNHURRIED = ['p99(delivery_latency) < 10s']

const withFaults = (...texts: string[]): Pick<WsFloodInput, 'faults'> => ({
  faults: {specs: texts.map(parseFault), allowSticky: true},
})

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

describe(`a good target, seed ${seed}`, () => {
  it('comes through the loss of Redis: phases, recovery and account are told, and nothing is lost', async () => {
    await practice.setDefects([], seed)
    const input = await smallFlood({seed, durationMs: 9000, ...withFaults('redis.disconnect at 2.5s for 1s')})
    const {findings, facts} = await faultedFlood(input, practice, {thresholds: UNHURRIED, journal})
    expect(findings.filter(({verdict}) => verdict === 'fail')).toEqual([])
    const recovery = findings.find(({metric}) => metric === 'fault_time_to_recovery')
    expect(recovery).toMatchObject({tags: {fault: 'redis.disconnect'}, verdict: 'pass'})
    expect(facts.phases.map(({name}) => name)).toEqual(['ramp', 'steady', 'fault', 'recovery', 'steady', 'drain'])
    expect(facts.faults).toMatchObject([
      {
        outcome: 'reverted',
        recovery: {state: 'seen'},
        effect: {lost: 0, duplicated: 0, returning: {cutOff: 0}, before: {cutOff: 0}, during: {}, after: {cutOff: 0}},
      },
    ])
    const {measurements} = facts
    for (const phase of ['steady', 'fault', 'recovery'])
      expect(measurements.total('messages_published', {phase})).toBeGreaterThan(0)
  })

  it('is not to blame for users that a stopped node cut off, and they come back', async () => {
    await practice.setDefects([], seed)
    const input = await smallFlood({seed, durationMs: 2500, ...withFaults('node.kill(node=node-1) at 1s')})
    const {failed, facts} = await faultedFlood(input, practice, {thresholds: UNHURRIED, journal})
    expect(failed).toEqual([])
    expect(facts.faults).toMatchObject([{outcome: 'reverted', effect: {returning: {cutOff: 30}}}])
    expect(facts.faults[0]?.effect?.returning.attemptPeak1s).toBeGreaterThan(0)
  })
})

/** Each is seen in what is lost, or in who is cut off, while and after the fault. */
const OUTAGES: Readonly<Record<Exclude<OutageDefect, ThroughputDefect>, string>> = {
  'never-resubscribe': 'redis.disconnect at 400ms for 300ms',
  'drop-during-outage': 'redis.disconnect at 400ms for 400ms',
  'crash-on-redis-loss': 'redis.disconnect at 400ms for 300ms',
  'herd-reconnect': 'redis.disconnect at 400ms for 300ms',
  'false-success': 'pg.disconnect at 400ms for 400ms',
}

describe(`ws-flood with a fault, seed ${seed}`, () => {
  for (const [name, fault] of Object.entries(OUTAGES) as [keyof typeof OUTAGES, string][]) {
    it(`catches ${name} by ${DEFECTS[name].finding}`, async () => {
      await practice.setDefects([parseDefect(name)], `${seed} ${name}`)
      const input = await smallFlood({seed: `${seed} ${name}`, durationMs: 1500, ...withFaults(fault)})
      const {failed} = await faultedFlood(input, practice, {thresholds: UNHURRIED, journal})
      expect(failed).toContain(DEFECTS[name].finding)
      expect(failed).not.toContain('messages_unexpected')
    })
  }
})

describe('a plan with faults', () => {
  it('has their phases, and the thresholds that go with them', async () => {
    const plan = wsFlood.plan(await smallFlood(withFaults('node.pause(node=a) at 500ms for 500ms')))
    expect(plan.phases).toEqual(['ramp', 'steady', 'fault', 'recovery', 'drain'])
    expect(plan.thresholds).toContain('unexpected_disconnects == 0 during steady')
    expect(plan.thresholds).toContain('fault_time_to_recovery{fault=*} <= 30s')
    expect(plan.faults).toMatchObject([{name: 'node.pause', atMs: 500, forMs: 500}])
  })

  it.each<[string, Partial<WsFloodInput>, string]>([
    ['a search', {findMax: true}, 'leave out --fault'],
    ['a check of its own', {checkRoomCap: 20}, 'leave out --check-room-cap and --check-idle, or --fault'],
    ['less time than the fault takes', {durationMs: 900}, 'after the end of the run'],
  ])('is refused with %s', async (_what, changes, why) => {
    const input = await smallFlood({...withFaults('redis.disconnect at 500ms for 500ms'), ...changes})
    expect(() => wsFlood.plan(input)).toThrow(UsageError)
    expect(() => wsFlood.plan(input)).toThrow(why)
  })
})
