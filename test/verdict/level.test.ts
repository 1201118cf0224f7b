/** When a level of a search held, when it broke, and when our own side is to blame. */
import {expect, test} from 'vitest'
import type {Metric} from '../../src/lib/metrics/metric.js'
import type {Doubt} from '../../src/lib/verdict/finding.js'
import {judgeLevel} from '../../src/lib/verdict/level.js'

const PHASE = {name: 'rate-2000', startMs: 1000, endMs: 6000}
const LATE: Doubt = {
  name: 'event-loop-delay',
  why: 'our timers ran 48 ms late',
  advice: 'add workers',
  spoils: 'latency',
}

/** Lost in the level, and before it. */
function lost(value: number, exposure: number): Metric {
  const definition = {type: 'counter', unit: 'count', judged: 'run', meaning: '', exposedTo: 'deliveries'} as const
  const before = {phase: 'rate-1000', tags: {}, value: 3, exposure: 100}
  return {type: 'counter', definition, slices: [before, {phase: PHASE.name, tags: {}, value, exposure}]}
}

test.each<[string, readonly string[], Metric, readonly Doubt[], string, string]>([
  ['held when its rules did', ['messages_lost == 0'], lost(0, 100), [], 'held', ''],
  [
    'broke by the rule that did',
    ['messages_lost == 0'],
    lost(7, 100),
    [],
    'broke',
    'messages_lost == 0 (7 breaks == 0)',
  ],
  ['held when only a warning broke', ['warn: messages_lost == 0'], lost(7, 100), [], 'held', ''],
  ['broke when a rule was tried on nothing', ['messages_lost == 0'], lost(0, 0), [], 'broke', 'messages_lost == 0'],
  [
    'broke when a metric was not measured',
    ['backlog < 5'],
    lost(0, 100),
    [],
    'broke',
    'backlog < 5 (it was not measured)',
  ],
  ['held in doubt, where nothing is amiss', ['messages_lost == 0'], lost(0, 100), [LATE], 'held', ''],
  ['strained us when something is amiss in doubt', ['messages_lost == 0'], lost(7, 100), [LATE], 'strained', LATE.why],
])('a level %s', (_, rules, metric, doubts, outcome, why) => {
  const judged = judgeLevel(rules, {metrics: {messages_lost: metric}, doubts}, PHASE)
  expect(judged.outcome).toBe(outcome)
  expect(judged.why).toContain(why)
})
