/** What a report says to try next can be typed. */
import {expect, test} from 'vitest'
import {drillFlags} from '../../src/lib/cli/flags/common.js'
import {dbExplainFlags} from '../../src/lib/cli/flags/db-explain.js'
import {msgThroughputFlags} from '../../src/lib/cli/flags/msg-throughput.js'
import {wsFloodFlags} from '../../src/lib/cli/flags/ws-flood.js'
import type {NextTries} from '../../src/lib/drills/drill.js'
import {dbExplain} from '../../src/lib/drills/db-explain/index.js'
import {LEVELS} from '../../src/lib/drills/db-explain/input.js'
import {msgThroughput} from '../../src/lib/drills/msg-throughput/index.js'
import {wsFlood} from '../../src/lib/drills/ws-flood/index.js'

const anyPlan = {} as never

const DRILLS: readonly (readonly [string, NextTries, object])[] = [
  ['ws-flood', wsFlood.next(anyPlan), wsFloodFlags],
  ['msg-throughput', msgThroughput.next(anyPlan), msgThroughputFlags],
  ...LEVELS.map((level) => [`db-explain, ${level}`, dbExplain.next({level} as never), dbExplainFlags] as const),
]

test.each(DRILLS)('%s advises only on flags that it has', (_, {ownSystem, undecided}, flags) => {
  const named = [...`${ownSystem} ${undecided.flags}`.matchAll(/--([a-z-]+)/g)].map(([, name]) => name)
  expect(named.length).toBeGreaterThan(1)
  for (const name of named) expect([...Object.keys(drillFlags), ...Object.keys(flags)]).toContain(name)
})
