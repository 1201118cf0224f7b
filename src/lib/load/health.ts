/** A worker watches itself: event-loop delay, CPU, waiting for one, garbage collection and memory, as metrics like any other. */
import {PerformanceObserver} from 'node:perf_hooks'
import type {Ms} from '../base/units.js'
import type {MetricCatalogue} from '../metrics/metric.js'
import {processorWait} from './processor-wait.js'
import type {WorkerKit} from './worker-kit.js'

/** A probe is due every 10 ms, whatever the loop is busy with; its delay is how much later it ran. */
const PROBE_EVERY: Ms = 10

export const generatorMetrics: MetricCatalogue = {
  generator_event_loop_delay: {
    type: 'distribution',
    unit: 'ms',
    meaning: 'how late a timer of our own worker ran',
    tags: ['worker'],
  },
  generator_cpu_time: {type: 'counter', unit: 'ms', meaning: 'CPU time of our own worker', tags: ['worker']},
  generator_wait_time: {
    type: 'counter',
    unit: 'ms',
    meaning: 'how long our own worker was ready to run and had no processor',
    tags: ['worker'],
  },
  generator_gc_time: {type: 'counter', unit: 'ms', meaning: 'garbage collection in our own worker', tags: ['worker']},
  generator_rss: {
    type: 'gauge',
    unit: 'bytes',
    meaning: 'resident memory of our own worker',
    judged: 'run',
    tags: ['worker'],
  },
}

/** Starts watching; call `sample` once a second, right before the pulse is taken. */
export function watchOwnHealth({clock, index, tally, timeline}: WorkerKit): {sample(): void; stop(): void} {
  const tags = {worker: String(index)}
  const delay = tally.distribution('generator_event_loop_delay', tags)
  const cpuTime = tally.counter('generator_cpu_time', tags)
  const waitTime = tally.counter('generator_wait_time', tags)
  const gcTime = tally.counter('generator_gc_time', tags)
  const rss = tally.gauge('generator_rss', tags)
  let due = clock.now() + PROBE_EVERY
  // Not an interval: that one counts from when it last ran, so that it falls behind by itself.
  let probe = setTimeout(look, PROBE_EVERY)
  function look(): void {
    const now = clock.now()
    for (; due <= now; due += PROBE_EVERY) delay.record(timeline.at(now), now - due)
    probe = setTimeout(look, due - now)
  }
  const collections = new PerformanceObserver((list) => {
    for (const {duration} of list.getEntries()) gcTime.add(timeline.at(clock.now()), duration)
  })
  collections.observe({entryTypes: ['gc']})
  let cpu = process.cpuUsage()
  let waited = processorWait()
  return {
    sample() {
      const phase = timeline.at(clock.now())
      const spent = process.cpuUsage(cpu)
      cpu = process.cpuUsage()
      cpuTime.add(phase, (spent.user + spent.system) / 1000)
      const waitedByNow = processorWait()
      if (waited !== undefined && waitedByNow !== undefined) waitTime.add(phase, waitedByNow - waited)
      waited = waitedByNow
      rss.set(phase, process.memoryUsage.rss())
    },
    stop() {
      clearTimeout(probe)
      collections.disconnect()
    },
  }
}
