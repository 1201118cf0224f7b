/** A backend that pushes by server-sent events: two real nodes over Redis, clean and wrong. */
import {fork, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {startRedis, type RedisService} from '../../../src/lib/targets/embedded/redis.js'
import {profileFor} from '../../../src/lib/targets/profile/load-profile.js'
import {checkHosts} from '../../../src/lib/targets/safety/allow-list.js'
import type {Target} from '../../../src/lib/targets/target.js'
import {flood, smallFlood} from './fixture.js'

const NODE = fileURLToPath(new URL('sse-node.js', import.meta.url))
const BIN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const UNHURRIED = ['p99(delivery_latency) < 20s']

let redis: RedisService
let nodes: ChildProcess[]
let target: Target

beforeAll(async () => {
  redis = await startRedis()
  nodes = [1, 2].map(() => fork(NODE, [redis.url], {execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc']}))
  const started = await Promise.all(nodes.map((node) => once(node, 'message')))
  const urls = started.map(([message]) => `http://127.0.0.1:${(message as {port: number}).port}`)
  const shipped = await profileFor({protocol: 'sse', targets: urls, kind: 'websocket'})
  const protocol = {...shipped.protocol, join: {until: {contains: 'event: ready'}}}
  const profile = {...shipped, protocol}
  const allowed = await checkHosts(urls, {allowHosts: [], allowProduction: false})
  target = {kind: 'external', description: 'sse', urls, profile, headers: {}, tls: {insecure: false}, allowed}
})
afterAll(async () => {
  for (const node of nodes) node.disconnect()
  await redis[Symbol.asyncDispose]()
})

/** Tells both nodes. */
async function tell(what: Record<string, unknown>): Promise<void> {
  await Promise.all(
    nodes.map(async (node) => {
      const answered = once(node, 'message')
      node.send(what)
      await answered
    }),
  )
}

test.each<[string, Record<string, number>, string[]]>([
  ['a clean one passes', {}, []],
  ['events in pieces of seven bytes are put together again', {chop: 7}, []],
  ['lost events are caught', {lose: 50}, ['messages_lost']],
  ['events that come twice are caught', {duplicate: 50}, ['messages_duplicated']],
])('%s', async (_what, defect, caught) => {
  await tell(defect)
  const {failed, facts} = await flood(await smallFlood({profile: target.profile}), target, UNHURRIED)
  await tell({})
  expect(failed).toEqual(caught)
  expect(facts.measurements.total('connections_established')).toBe(60)
  expect(facts.measurements.total('messages_acked')).toBe(facts.measurements.total('messages_published'))
  expect(facts.measurements.total('messages_delivered')).toBeGreaterThan(1000)
})

test('streams that are cut are opened again and go on where they were', async () => {
  const flooding = flood(await smallFlood({profile: target.profile, durationMs: 4000}), target, UNHURRIED)
  const cutting = setInterval(() => void tell({cut: true}), 2500)
  const {failed, facts} = await flooding
  clearInterval(cutting)
  const {measurements} = facts
  expect(failed).toContain('unexpected_disconnects')
  expect(failed).not.toContain('messages_lost')
  expect(measurements.total('reconnects')).toBeGreaterThan(0)
  expect(measurements.counterSlices('unexpected_disconnects').map(({tags}) => tags['reason'])).not.toContain(
    'code-1000',
  )
})

test('targets are HTTP URLs for it, on the command line too', async () => {
  const flags = [
    '--connections',
    '20',
    '--room-size',
    '5',
    '--connect-rate',
    '200/s',
    '--duration',
    '1s',
    '--json',
    '-q',
  ]
  const run = (...targets: string[]) =>
    execa(
      process.execPath,
      [
        ...[BIN, 'ws-flood', '--protocol', 'sse', ...targets.flatMap((url) => ['--target', url]), ...flags],
        ...['-t', UNHURRIED[0] ?? '', '--on-inconclusive', 'pass'],
      ],
      {reject: false},
    )
  const [right, wrong] = await Promise.all([run(...target.urls), run('ws://127.0.0.1:9')])
  expect(JSON.parse(wrong.stdout)).toMatchObject({
    exitCode: 2,
    error: {message: "'ws://127.0.0.1:9' is not an HTTP URL: write http://127.0.0.1:9"},
  })
  expect(JSON.parse(right.stdout)).toMatchObject({exitCode: 0, metrics: {messages_lost: {value: 0}}})
})
