import {afterEach, describe, expect, it} from 'vitest'
import {LeapingClock} from '../../../src/lib/base/clock.js'
import {Course, type Orders} from '../../../src/lib/faults/course/course.js'
import {faultMetrics} from '../../../src/lib/faults/course/metrics.js'
import type {Stopped} from '../../../src/lib/faults/course/stop-when.js'
import {Measurements} from '../../../src/lib/metrics/measurements.js'
import type {MetricCatalogue} from '../../../src/lib/metrics/metric.js'
import {Tally} from '../../../src/lib/metrics/tally.js'
import {Timeline} from '../../../src/lib/metrics/timeline.js'
import {parseThreshold} from '../../../src/lib/verdict/threshold-parser.js'
import {ScriptedRun} from './fault.js'

const catalogue: MetricCatalogue = {
  delivered: {type: 'counter', unit: 'count', meaning: 'delivered', judged: 'run'},
  latency: {type: 'distribution', unit: 'ms', meaning: 'latency'},
  cut: {type: 'counter', unit: 'count', meaning: 'cut off', judged: 'run'},
  ...faultMetrics,
}

/** A load whose every second is told when it is over. */
class ScriptedLoad {
  readonly measurements = new Measurements()
  readonly timeline = new Timeline()
  wholeSecond: number | undefined
  readonly #tally = new Tally()

  begin(phase: string, startMs: number): void {
    this.timeline.begin(phase, startMs)
  }

  tell(second: number, delivered: number, latencyMs = 10): void {
    const startMs = second * 1000
    this.#tally.counter('delivered').add(this.timeline.at(startMs), delivered)
    if (delivered > 0) this.#tally.distribution('latency').record(this.timeline.at(startMs), latencyMs)
    this.measurements.merge(0, {second, ends: true, entries: this.#tally.take()})
    this.wholeSecond = second
  }
}

const open: Course[] = []
afterEach(() => {
  for (const course of open.splice(0)) course[Symbol.dispose]()
})

function follow(orders: Partial<Orders> = {}) {
  const clock = new LeapingClock()
  const load = new ScriptedLoad()
  const stopped: Stopped[] = []
  const course = new Course(
    {
      faults: undefined,
      thresholds: [parseThreshold('p99(latency) < 100ms')],
      stopWhen: [],
      catalogue,
      stop: (why) => stopped.push(why),
      ...orders,
    },
    {underway: load, signs: {successes: 'delivered', latency: 'latency', cutOff: 'cut'}, clock, startedAtMs: 0},
  )
  open.push(course)
  /** Lets whole seconds pass, each of which is told 10 ms after its end. */
  const seconds = async (figures: readonly number[]): Promise<void> => {
    for (const delivered of figures) {
      const second = Math.floor(clock.now() / 1000)
      await clock.advance((second + 1) * 1000 + 10 - clock.now())
      load.tell(second, delivered)
    }
  }
  return {clock, load, course, stopped, seconds}
}

const names = (load: ScriptedLoad) => load.timeline.phases(0, 60_000).map(({name}) => name)

describe('a course with a fault', () => {
  it('tells its phases in order, sees it recover, and accounts for it', async () => {
    const run = new ScriptedRun('redis.disconnect at 3s for 2s')
    const {clock, load, course, seconds} = follow({faults: run})
    load.begin('ramp', 0)
    await clock.advance(1000)
    course.steady(1000)
    expect(run.startedAtMs).toBe(1000)
    load.tell(0, 0)
    await seconds([100, 100, 100])
    await clock.advance(4000 - clock.now())
    run.set(0, {outcome: 'active', injectedAtMs: 4000})
    await seconds([0, 0])
    run.set(0, {outcome: 'reverted', revertedAtMs: clock.now()})
    await seconds([40, 100, 95, 100, 100])
    await course.end()
    expect(names(load)).toEqual(['ramp', 'steady', 'fault', 'recovery', 'steady'])
    const phases = load.timeline.phases(0, 60_000)
    expect(phases.find(({name}) => name === 'fault')).toMatchObject({startMs: 3800})
    expect(run.reverts).toBe(1)
    const [account] = course.account(clock.now())
    expect(account).toMatchObject({
      injectedAtMs: 4000,
      recovery: {state: 'seen', atMs: 7000},
      effect: {
        before: {seconds: 2, successesPerSecond: 100},
        during: {successesPerSecond: 0},
        after: {successesPerSecond: expect.closeTo(98.75) as number},
      },
    })
  })

  it('leaves a fault open that the load did not outlast, and says how long it was watched', async () => {
    const run = new ScriptedRun('redis.disconnect at 3s for 2s')
    const {clock, course, load, seconds} = follow({faults: run})
    course.steady(0)
    await seconds([100, 100, 100])
    run.set(0, {outcome: 'active', injectedAtMs: 3000})
    await seconds([0, 0])
    run.set(0, {outcome: 'reverted', revertedAtMs: 5000})
    await seconds([100, 100])
    await course.end()
    expect(names(load)).toEqual(['steady', 'fault', 'recovery'])
    expect(course.account(clock.now())[0]?.recovery).toMatchObject({
      state: 'unseen',
      why: expect.stringMatching(/only 2.0\d s .*run longer/) as string,
    })
  })

  it('reverts what is in force when the load ends early, and accounts for it as it is', async () => {
    const run = new ScriptedRun('redis.disconnect at 3s for 20s')
    const {clock, course, seconds} = follow({faults: run})
    course.steady(0)
    await seconds([100, 100, 100])
    run.set(0, {outcome: 'active', injectedAtMs: 3000})
    await seconds([0])
    run.revertAll = () => {
      run.reverts++
      run.set(0, {outcome: 'reverted', revertedAtMs: clock.now()})
      return Promise.resolve()
    }
    await course.end()
    await course.end()
    expect(run.reverts).toBe(1)
    expect(course.account(clock.now())[0]).toMatchObject({outcome: 'reverted', recovery: {state: 'unseen'}})
  })

  it('goes on in the steady phase when a fault never came', async () => {
    const run = new ScriptedRun('redis.disconnect at 2s for 2s')
    const {clock, course, load, seconds} = follow({faults: run})
    course.steady(0)
    await seconds([100, 100])
    run.set(0, {outcome: 'not injected', trouble: 'refused'})
    await seconds([100, 100])
    await course.end()
    expect(names(load)).toEqual(['steady', 'fault', 'steady'])
    expect(course.account(clock.now())[0]).toMatchObject({effect: null, trouble: 'refused'})
  })

  it('tells at its end what went wrong while it followed', async () => {
    const run = new ScriptedRun('redis.disconnect at 2s for 2s')
    const {course, load, seconds} = follow({faults: run})
    course.steady(0)
    load.begin = () => {
      throw new RangeError('no such phase')
    }
    await seconds([100, 100])
    await expect(course.end()).rejects.toThrow('no such phase')
  })
})

describe('a condition', () => {
  const stopWhen = [parseThreshold('rate(delivered) < 50/s')]

  it('stops the run once, in the first second in which it is true', async () => {
    const {load, course, stopped, seconds} = follow({stopWhen})
    load.begin('ramp', 0)
    await seconds([0, 0])
    course.steady(2000)
    await seconds([100, 40, 30])
    expect(stopped).toEqual([{condition: 'rate(delivered) < 50/s', observed: 40, unit: 'perSecond', atMs: 4000}])
  })

  it('is not held against what comes after the load', async () => {
    const {course, stopped, seconds} = follow({stopWhen})
    course.steady(0)
    await seconds([100, 100])
    await course.end()
    await seconds([0, 0])
    expect(stopped).toEqual([])
  })
})
