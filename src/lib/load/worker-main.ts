/** A worker process: takes its share, runs the steps it is told, and tells at every full second of the run what it measured. */
import {HostClock} from '../base/clock.js'
import {seededRandom} from '../base/random.js'
import type {Ms} from '../base/units.js'
import {Tally} from '../metrics/tally.js'
import {Timeline} from '../metrics/timeline.js'
import {watchOwnHealth} from './health.js'
import type {Assignment, FromWorker, ToWorker} from './messages.js'
import {takePlaceIn} from './priority.js'
import {serialise} from './serialised-error.js'
import type {Steps, Work, WorkerKit} from './worker-kit.js'

const SECOND: Ms = 1000
const clock = new HostClock()
const abort = new AbortController()
const timeline = new Timeline()
let steps: Steps = {}
let pulse: () => void = () => undefined

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

async function prepare(assignment: Assignment): Promise<void> {
  const {index, workers, runId, startedAtMs, seed} = assignment
  const tally = new Tally()
  const random = seededRandom(seed).fork(`worker ${index}`)
  const kit: WorkerKit = {index, workers, runId, startedAtMs, clock, random, signal: abort.signal, tally, timeline}
  const module = (await import(assignment.module)) as {work: Work<unknown, Steps>}
  steps = await module.work(assignment.share, kit)
  const health = watchOwnHealth(kit)
  const secondNow = (): number => Math.max(0, Math.floor((clock.now() - startedAtMs) / SECOND))
  let second = secondNow()
  const pulseOf = (ends: boolean): void => {
    health.sample()
    tell({kind: 'pulse', pulse: {second, ends, entries: tally.take()}})
  }
  pulse = () => pulseOf(false)
  void onTheSecond(startedAtMs, () => {
    pulseOf(true)
    second = secondNow()
  })
  tell({kind: 'ready', rssBytes: process.memoryUsage.rss()})
}

/** For ever; full seconds of the run are the same for all workers, so that their figures can be put together. */
async function onTheSecond(startedAtMs: Ms, act: () => void): Promise<never> {
  for (;;) {
    const sinceStart = clock.now() - startedAtMs
    await clock.sleep((Math.floor(sinceStart / SECOND) + 1) * SECOND - sinceStart)
    act()
  }
}

/** What a step measured is told before its result, so that a finished step is a complete one. */
async function run({id, name, input}: {id: number; name: string; input: unknown}): Promise<void> {
  const step = steps[name]
  if (!step) throw new Error(`no step is called ${name}`)
  const result = await step(input as never)
  pulse()
  tell({kind: 'done', id, result})
}

function guard(work: Promise<void>, id?: number): void {
  work.catch((error: unknown) => tell({kind: 'failed', id, error: serialise(error)}))
}

process.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'prepare':
      return guard(prepare(message.assignment))
    case 'phase':
      takePlaceIn(message.name)
      return timeline.begin(message.name, message.startMs)
    case 'step':
      return guard(run(message), message.id)
    case 'abort':
      return abort.abort()
  }
})

// The terminal's Ctrl-C reaches the whole process group; the coordinator ends us in order.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
// The channel closes when the coordinator ends, however it ends: a worker never outlives it.
// eslint-disable-next-line no-restricted-properties -- thousands of open sockets would keep an orphan alive
process.on('disconnect', () => process.exit(0))
