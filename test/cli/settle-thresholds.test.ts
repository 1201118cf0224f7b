import {expect, test} from 'vitest'
import {settleThresholds} from '../../src/lib/cli/preflight.js'
import type {PlanFrame} from '../../src/lib/drills/drill.js'
import type {MetricCatalogue} from '../../src/lib/metrics/metric.js'
import type {Profile} from '../../src/lib/targets/profile/schema.js'
import {formatThreshold} from '../../src/lib/verdict/threshold.js'

const metrics: MetricCatalogue = {
  max_users: {type: 'gauge', unit: 'count', meaning: 'the most users'},
  messages_lost: {type: 'counter', unit: 'count', meaning: 'lost'},
  latency: {type: 'distribution', unit: 'ms', meaning: 'latency'},
}
const flood = {
  phases: ['ramp', 'users-10', 'drain'],
  thresholds: ['messages_lost == 0', 'p99(latency) < 100ms'],
} as unknown as PlanFrame
const search: PlanFrame = {...flood, thresholds: ['max_users >= 10'], levelThresholds: flood.thresholds}

function settle(plan: PlanFrame, ofProfile: readonly string[], ...typed: string[]) {
  const profile = {thresholds: ofProfile} as unknown as Profile
  const settled = settleThresholds(plan, {profile, typed}, metrics)
  return {ofRun: settled.thresholds.map(formatThreshold), ofLevels: settled.plan.levelThresholds}
}

test('what is typed replaces what the profile says, and that what the plan says', () => {
  const {ofRun} = settle(flood, ['p99(latency) < 80ms', 'messages_lost <= 3'], 'p99(latency) < 50ms')
  expect(ofRun).toEqual(['messages_lost <= 3', 'p99(latency) < 50ms'])
})

test('a search is judged by what it found, each of its levels by the rest', () => {
  expect(settle(search, [])).toEqual({ofRun: ['max_users >= 10'], ofLevels: flood.thresholds})
})

test.each([
  ['the users that must be found are asked of the run', 'max_users >= 50', ['max_users >= 50'], flood.thresholds],
  [
    'what names no phase is asked of each level',
    'p99(latency) < 50ms',
    ['max_users >= 10'],
    ['messages_lost == 0', 'p99(latency) < 50ms'],
  ],
  [
    'what names a phase is asked of the run',
    'p99(latency) < 5ms during users-10',
    ['max_users >= 10', 'p99(latency) < 5ms during users-10'],
    flood.thresholds,
  ],
])('in a search %s', (_what, typed, ofRun, ofLevels) => {
  expect(settle(search, [], typed)).toEqual({ofRun, ofLevels})
})

test('a threshold of a level that could not be judged is refused before the run', () => {
  expect(() => settle(search, [], 'p99(latenzy) < 5ms')).toThrow("did you mean 'latency'?")
})
