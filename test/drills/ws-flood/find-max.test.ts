/** A search for the most users, against a server that is known to carry so many and no more. */
import {randomInt} from 'node:crypto'
import {expect, test} from 'vitest'
import {HostClock} from '../../../src/lib/base/clock.js'
import {UsageError} from '../../../src/lib/base/errors.js'
import {seededRandom} from '../../../src/lib/base/random.js'
import {noOrders} from '../../../src/lib/faults/course/course.js'
import {wsFlood} from '../../../src/lib/drills/ws-flood/index.js'
import {profileFor} from '../../../src/lib/targets/profile/load-profile.js'
import {checkHosts} from '../../../src/lib/targets/safety/allow-list.js'
import {smallFlood} from './fixture.js'
import {startCrowdedServer} from './crowded-server.js'

const CARRIES = 45

async function search(url: string) {
  const profile = await profileFor({targets: [url], kind: 'websocket', protocol: 'json'})
  const input = await smallFlood({
    connections: 80,
    roomSize: 5,
    durationMs: 600,
    findMax: true,
    targets: [url],
    profile,
  })
  const planned = wsFlood.plan(input)
  // A test machine is busy with other tests: how late it is says nothing about the search.
  const levelThresholds = (planned.levelThresholds ?? []).filter((rule) => !rule.includes('latency'))
  const plan = {...planned, levelThresholds, drain: {quietMs: 300, atMostMs: 5000}}
  const facts = await wsFlood.drive(plan, {
    clock: new HostClock(),
    random: seededRandom(plan.seed),
    signal: new AbortController().signal,
    target: {
      kind: 'external',
      description: url,
      urls: [url],
      profile,
      headers: {},
      tls: {insecure: false},
      allowed: await checkHosts([url], {allowHosts: [], allowProduction: false}),
    },
    orders: noOrders,
    runId: Array.from({length: 8}, () => randomInt(36).toString(36)).join(''),
    note: () => undefined,
  })
  return {plan, facts, checked: wsFlood.check(plan, facts)}
}

test('a search finds how many users a server carries, going up, and down again to close in', async () => {
  await using server = await startCrowdedServer(CARRIES)
  const {facts, checked} = await search(server.url)
  // Rooms of 5, doubling from an eighth of 16 rooms: 40 users hold, 80 lose, and 45 is the last that fits in between.
  expect(facts.levels?.map(({users, present, lost}) => [users, present, lost > 0])).toEqual([
    [10, 10, false],
    [20, 20, false],
    [40, 40, false],
    [45, 45, false],
    [50, 50, true],
    [60, 60, true],
    [80, 80, true],
  ])
  expect(server.most()).toBe(80)
  const held = facts.levels?.filter(({outcome}) => outcome === 'held').map(({users}) => users)
  expect(held).toEqual([10, 20, 40, 45])
  expect(checked.metrics['max_users']?.slices).toEqual([{phase: '', tags: {}, value: 45}])
  for (const {users, expected, published, lost, duplicated, unexpected, disconnects} of facts.levels ?? []) {
    expect(expected).toBe(published * 5)
    expect(lost).toBe(users > CARRIES ? published : 0)
    expect({duplicated, unexpected, disconnects}).toEqual({duplicated: 0, unexpected: 0, disconnects: 0})
  }
  expect(facts.measurements.total('unexpected_disconnects')).toBe(0)
  expect(facts.measurements.total('messages_lost')).toBe(facts.levels?.reduce((sum, {lost}) => sum + lost, 0))
})

test('a search is judged by the users it found, and each level by what the flood promises', async () => {
  const plan = wsFlood.plan(await smallFlood({connections: 800, roomSize: 10, durationMs: 5000, findMax: true}))
  expect(plan.thresholds).toEqual(['max_users >= 100'])
  expect(plan.levelThresholds).toContain('messages_lost == 0')
  expect(plan.levelThresholds?.join()).not.toContain('users_unproven')
  expect(plan.phases).toEqual(['ramp', 'users-100', 'users-200', 'users-400', 'users-800', 'drain'])
})

test('a search whose levels are too short for every room to speak is refused', async () => {
  const input = await smallFlood({connections: 800, roomSize: 2, durationMs: 1000, messageRate: 200, findMax: true})
  expect(() => wsFlood.plan(input)).toThrow(UsageError)
})
