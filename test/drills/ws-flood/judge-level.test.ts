import {expect, test} from 'vitest'
import {judgeUsers} from '../../../src/lib/drills/ws-flood/judge-level.js'
import {wsFlood} from '../../../src/lib/drills/ws-flood/index.js'
import {levelOf} from '../../../src/lib/drills/ws-flood/levels.js'
import {generatorFacts} from '../../../src/lib/load/generator.js'
import {Measurements} from '../../../src/lib/metrics/measurements.js'
import {Tally} from '../../../src/lib/metrics/tally.js'
import {smallFlood} from './fixture.js'

/** What a level of ten users went through. */
interface Went {
  readonly present?: number
  readonly latencyMs?: number
  readonly published?: number
  readonly lost?: number
  readonly disconnects?: number
  /** How late our own timers ran. */
  readonly ownDelayMs?: number
}

async function judged({present = 10, latencyMs = 5, published = 40, lost = 0, disconnects = 0, ownDelayMs = 1}: Went) {
  const plan = wsFlood.plan(await smallFlood({connections: 80, roomSize: 5, findMax: true}))
  const level = levelOf(plan, 2)
  const tally = new Tally()
  for (let n = 0; n < published; n++) tally.distribution('delivery_latency').record(level.name, latencyMs)
  tally.counter('connections_established').add('ramp', present)
  tally.counter('messages_published').add(level.name, published)
  tally.counter('messages_delivered').add(level.name, published * 5 - lost)
  tally.counter('deliveries_expected').add(level.name, published * 5)
  tally.counter('messages_lost').add(level.name, lost)
  if (disconnects > 0) tally.counter('unexpected_disconnects', {reason: 'code-1006'}).add(level.name, disconnects)
  // What happened before the level is none of its business.
  tally.counter('messages_lost').add('users-5', 3)
  tally.distribution('generator_event_loop_delay', {worker: '0'}).record(level.name, ownDelayMs)
  const measurements = new Measurements()
  measurements.merge(0, {second: 0, entries: tally.take()})
  const phase = {name: level.name, startMs: 1000, endMs: 6000}
  const generator = generatorFacts({measurements, phases: [phase], workers: 1})
  const nothing = {
    startedAtMs: 0,
    deaths: [],
    faults: [],
    series: {},
    evidence: {},
    connectRate: 0,
    rssPerConnection: {afterRamp: 0, atEnd: 0},
  }
  const facts = {...nothing, measurements, generator, phases: [phase], levels: []}
  return judgeUsers(plan, {level, phase, present, facts})
}

test.each<[string, Went, string, string]>([
  ['held when everything was well', {}, 'held', ''],
  ['held on few samples, as a level is short', {published: 20}, 'held', ''],
  ['broke when it was slow', {latencyMs: 150}, 'broke', 'p99(delivery_latency) < 100ms (150 ms breaks < 100 ms)'],
  ['broke when messages were lost', {lost: 7}, 'broke', 'messages_lost == 0 (7 breaks == 0)'],
  ['broke when users were missing', {present: 9}, 'broke', 'connections_established >= 10 (9 breaks >= 10)'],
  ['broke when users were cut off', {disconnects: 1}, 'broke', 'unexpected_disconnects == 0 (1 breaks == 0)'],
  ['broke when nobody could speak', {published: 0}, 'broke', 'p99(delivery_latency) < 100ms (there are no samples)'],
  ['strained us when our own timers were late', {ownDelayMs: 48}, 'strained', 'ran 48 ms late'],
  ['strained us when they were late and messages lost', {ownDelayMs: 48, lost: 7}, 'strained', 'ran 48 ms late'],
])('a level %s', async (_what, went, outcome, why) => {
  const result = await judged(went)
  expect(result).toMatchObject({name: 'users-10', users: 10, outcome, lost: went.lost ?? 0})
  expect(result.why).toContain(why)
})
