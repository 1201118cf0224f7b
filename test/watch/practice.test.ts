/** What a drill against the practice target watches unasked, on the real one: each part tells its figures, second by second. */
import {afterAll, beforeAll, expect, test} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import {startPractice, type PracticeTarget} from '../../src/lib/targets/practice/practice.js'
import {parseWatches} from '../../src/lib/watch/grammar.js'
import {openWatcher, type OpenWatcher} from '../../src/lib/watch/open-watcher.js'
import {practiceWatches} from '../../src/lib/watch/practice-watches.js'
import {startWatch} from '../../src/lib/watch/watch.js'

let practice: PracticeTarget

beforeAll(async () => {
  practice = await startPractice({nodes: 1})
})

afterAll(() => practice[Symbol.asyncDispose]())

test('its nodes, Redis and Postgres, and the metrics page of a node', async () => {
  const clock = new HostClock()
  const page = `${practice.nodes[0]?.url.replace(/^ws/, 'http').replace(/\/?$/, '') ?? ''}/metrics`
  const specs = [...practiceWatches(practice.ground), ...parseWatches([`page=${page}?metrics=practice_connections`])]
  const looks = new Map<string, number>()
  const open: OpenWatcher = (spec, kit) => {
    const watcher = openWatcher(spec, kit)
    const sample = async () => {
      const figures = await watcher.sample()
      looks.set(spec.name, (looks.get(spec.name) ?? 0) + 1)
      return figures
    }
    return {name: spec.name, sample, close: () => watcher.close()}
  }
  const kit = {clock, certificates: {insecure: false}, signal: new AbortController().signal, open}
  const watch = await startWatch(specs, kit)
  await expect.poll(() => Math.min(...looks.values()), {timeout: 20_000, interval: 50}).toBeGreaterThan(2)
  const {systems} = await watch.stop(clock.now() - 30_000)
  expect(systems.map(({name, kind}) => `${name}: ${kind}`)).toEqual([
    'node-1: process',
    'redis: redis',
    'postgres: postgres',
    'page: prometheus',
  ])
  const resources = (name: string) => Object.keys(systems.find((system) => system.name === name)?.resources ?? {})
  expect(resources('node-1')).toEqual(expect.arrayContaining(['cpu', 'cpu_cores', 'memory']))
  expect(resources('redis')).toEqual(expect.arrayContaining(['connections', 'operations', 'memory_bytes']))
  expect(resources('postgres')).toEqual(expect.arrayContaining(['connections_used', 'commits', 'wal_bytes']))
  expect(resources('page')).toEqual(
    expect.arrayContaining(['cpu', 'memory_bytes', 'event_loop_delay', 'metric.practice_connections']),
  )
  expect(JSON.stringify(systems)).not.toContain(new URL(practice.postgresUrl).password)
})
