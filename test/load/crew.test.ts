import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {fileURLToPath} from 'node:url'
import {afterEach, describe, expect, it, test, vi} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import {TargetError, UsageError} from '../../src/lib/base/errors.js'
import {hire, type Crew, type Hiring} from '../../src/lib/load/crew.js'
import {isRunning} from './processes.js'

interface Share {
  readonly number: number
  readonly fails?: boolean
  readonly dies?: boolean
}

type Step<Input, Result> = (input: Input) => Promise<Result>

interface TestSteps extends Record<string, (input: never) => Promise<unknown>> {
  tell: Step<null, {index: number; workers: number; runId: string; startedAtMs: number; share: Share; pid: number}>
  add: Step<number, number>
  draw: Step<null, number>
  phaseAt: Step<number, string>
  nothing: Step<null, undefined>
  function: Step<null, unknown>
  big: Step<number, Uint8Array>
  measure: Step<{phase: string; values: readonly number[]}, true>
  fail: Step<{kind: string; by?: number}, string>
  throwOutside: Step<{by: number}, string>
  leave: Step<{by: number; code: number}, string>
  untilAborted: Step<null, true>
  forever: Step<{exceptBy?: number}, string>
  hang: Step<null, never>
}

const PATIENCE = {timeout: 15_000, interval: 10}
const module = new URL('./fixtures/worker.mjs', import.meta.url)
const hired: Crew<TestSteps>[] = []

afterEach(async () => {
  const pids = hired.flatMap((crew) => crew.pids)
  await Promise.all(hired.splice(0).map((crew) => crew[Symbol.asyncDispose]()))
  expect(pids.filter(isRunning)).toEqual([])
})

async function crewOf(
  shares: readonly Share[] = [{number: 10}, {number: 20}],
  more: Partial<Hiring<Share>> = {},
): Promise<Crew<TestSteps>> {
  const signal = new AbortController().signal
  const crew = await hire<Share, TestSteps>({
    module,
    shares,
    seed: 'seed',
    runId: 'k3x9a0zz',
    startedAtMs: 5,
    signal,
    manyOf: 'connections',
    ...more,
  })
  hired.push(crew)
  return crew
}

/** Nothing that we started still runs. */
async function nobodyIsLeft(): Promise<void> {
  await vi.waitUntil(() => !process.getActiveResourcesInfo().includes('ProcessWrap'), PATIENCE)
}

describe('a crew', () => {
  it('gives each worker its share and its place, in a process of its own', async () => {
    const crew = await crewOf()
    const told = await crew.step('tell', null)
    expect(told).toEqual(
      [10, 20].map((number, index) => ({
        index,
        workers: 2,
        runId: 'k3x9a0zz',
        startedAtMs: 5,
        share: {number},
        pid: crew.pids[index],
      })),
    )
    expect(new Set([...crew.pids, process.pid]).size).toBe(3)
    expect(crew.size).toBe(2)
    expect(crew.emptyRss).toHaveLength(2)
    for (const bytes of crew.emptyRss) expect(bytes).toBeGreaterThan(1_000_000)
  })

  it('runs steps one after another or at once, and brings the results in the order of the workers', async () => {
    const crew = await crewOf()
    expect(await crew.step('add', 1)).toEqual([11, 21])
    expect(await Promise.all([crew.step('add', 2), crew.step('add', 3)])).toEqual([
      [12, 22],
      [13, 23],
    ])
    const sizes = (await crew.step('big', 1_000_000)).map(({length}) => length)
    expect(sizes).toEqual([1_000_000, 1_000_000])
    expect(await crew.step('nothing', null)).toEqual([])
  })

  it('gives each worker a random of its own, the same for the same seed', async () => {
    const first = await (await crewOf()).step('draw', null)
    const again = await (await crewOf()).step('draw', null)
    expect(again).toEqual(first)
    expect(first[0]).not.toBe(first[1])
  })

  it('tells every worker which phase it is', async () => {
    const crew = await crewOf()
    crew.begin('ramp', 0)
    crew.begin('steady', 1000)
    expect(await crew.step('phaseAt', 999)).toEqual(['ramp', 'ramp'])
    expect(await crew.step('phaseAt', 1000)).toEqual(['steady', 'steady'])
    expect(crew.timeline.at(1000)).toBe('steady')
  })
})

describe('what workers measure', () => {
  it('is merged before their step is over', async () => {
    const crew = await crewOf()
    await crew.step('measure', {phase: 'ramp', values: [1, 2]})
    await crew.step('measure', {phase: 'steady', values: [3]})
    const {measurements} = crew
    expect(measurements.total('done')).toBe(6)
    expect(measurements.total('done', {phase: 'ramp', tags: {worker: '1'}})).toBe(2)
    expect(measurements.distribution('took').count).toBe(6)
    expect(measurements.distribution('took', {phase: 'steady'}).max).toBe(3)
  })

  it('is told by whole seconds of the run, the same for all workers', async () => {
    const clock = new HostClock()
    const crew = await crewOf(undefined, {startedAtMs: clock.now()})
    expect(crew.wholeSecond).toBeUndefined()
    await crew.step('measure', {phase: 'steady', values: [1]})
    await vi.waitUntil(() => crew.wholeSecond === 1, PATIENCE)
    const told = [0, 1].map((second) => crew.measurements.second(second).total('done'))
    expect(told[0] ?? 0).toBe(2 - (told[1] ?? 0))
    expect(crew.measurements.second(2).total('generator_cpu_time')).toBe(0)
    process.kill(crew.pids[0] ?? 0, 'SIGKILL')
    await vi.waitUntil(() => (crew.wholeSecond ?? 0) > 1, PATIENCE)
  })

  it('comes once a second, step or no step, with the health of the worker', async () => {
    const crew = await crewOf()
    await vi.waitUntil(() => crew.measurements.gaugeSlices('generator_rss').length === 2, PATIENCE)
    const workers = crew.measurements.gaugeSlices('generator_rss').map(({tags}) => tags['worker'])
    expect(workers.sort()).toEqual(['0', '1'])
    expect(crew.measurements.distribution('generator_event_loop_delay').count).toBeGreaterThan(0)
    expect(crew.measurements.total('generator_cpu_time')).toBeGreaterThan(0)
  })
})

describe('an error in a step', () => {
  test.each([
    ['of the target', 'target', TargetError, 'nobody answers', 'start it'],
    ['of usage', 'usage', UsageError, 'no such thing', undefined],
    ['of our own', 'bug', Error, 'a bug of ours', undefined],
    ['that is no error at all', 'text', Error, 'just text', undefined],
  ])('%s keeps its kind, its words and its hint', async (_what, kind, type, message, hint) => {
    const crew = await crewOf()
    const error: unknown = await crew.step('fail', {kind}).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(type)
    expect(error).toMatchObject({message, ...(hint === undefined ? {} : {hint})})
    if (kind === 'bug') expect(error).not.toBeInstanceOf(UsageError)
  })

  it('of one worker is enough, and the crew goes on', async () => {
    const crew = await crewOf()
    await expect(crew.step('fail', {kind: 'target', by: 1})).rejects.toThrow('nobody answers')
    expect(await crew.step('add', 1)).toEqual([11, 21])
    expect(crew.deaths).toEqual([])
  })

  it('shows where our own bug is', async () => {
    const crew = await crewOf([{number: 0}])
    const error: unknown = await crew.step('fail', {kind: 'bug'}).catch((thrown: unknown) => thrown)
    expect(error instanceof Error && error.stack).toContain('worker.mjs')
  })

  it('that does not exist, or has a result that cannot be told, is an error too', async () => {
    const crew = await crewOf([{number: 0}])
    await expect(crew.step('dance', undefined as never)).rejects.toThrow('no step is called dance')
    await expect(crew.step('function', null)).rejects.toThrow(/could not be cloned/)
    expect(await crew.step('add', 1)).toEqual([1])
  })
})

describe('a worker that dies', () => {
  it('by SIGKILL in the midst of a step is noticed, and the step brings what the others have', async () => {
    const crew = await crewOf()
    const step = crew.step('forever', {exceptBy: 1})
    await crew.step('measure', {phase: 'steady', values: []})
    process.kill(crew.pids[0] ?? 0, 'SIGKILL')
    expect(await step).toEqual(['fine'])
    expect(crew.deaths).toEqual([{worker: 0, how: 'killed by SIGKILL'}])
    expect(await crew.step('add', 1)).toEqual([21])
    crew.begin('steady', 1000)
    expect(await crew.step('phaseAt', 1000)).toEqual(['steady'])
  })

  it('between two steps is noticed too', async () => {
    const crew = await crewOf()
    process.kill(crew.pids[1] ?? 0, 'SIGKILL')
    await vi.waitUntil(() => crew.deaths.length > 0, PATIENCE)
    expect(crew.deaths).toEqual([{worker: 1, how: 'killed by SIGKILL'}])
    expect(await crew.step('add', 1)).toEqual([11])
  })

  it('of an error that nobody caught says which', async () => {
    const crew = await crewOf()
    expect(await crew.step('throwOutside', {by: 0})).toEqual(['fine'])
    expect(crew.deaths).toEqual([{worker: 0, how: 'exit code 1: RangeError: nobody caught this'}])
  })

  it('of its own will says with which code', async () => {
    const crew = await crewOf()
    expect(await crew.step('leave', {by: 1, code: 3})).toEqual(['fine'])
    expect(crew.deaths).toEqual([{worker: 1, how: 'exit code 3'}])
  })

  it('while it takes its place is a death like any other', async () => {
    const crew = await crewOf([{number: 10}, {number: 20, dies: true}])
    expect(crew.deaths).toEqual([{worker: 1, how: 'killed by SIGKILL'}])
    expect(crew.emptyRss).toHaveLength(1)
    expect(await crew.step('add', 1)).toEqual([11])
  })

  it('with all others leaves a crew that brings nothing', async () => {
    const crew = await crewOf([{number: 1, dies: true}])
    expect(await crew.step('add', 1)).toEqual([])
    expect(crew.deaths).toHaveLength(1)
  })
})

describe('hiring fails', () => {
  it('with the error of the worker that could not take its place, and leaves nobody behind', async () => {
    const error: unknown = await crewOf([{number: 1}, {number: 2, fails: true}]).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UsageError)
    expect(error).toMatchObject({message: 'this share makes no sense', hint: 'try another'})
    await nobodyIsLeft()
  })

  it('when there is no such module, and leaves nobody behind', async () => {
    const nowhere = new URL('./fixtures/nowhere.mjs', import.meta.url)
    await expect(crewOf([{number: 1}], {module: nowhere})).rejects.toThrow(/nowhere\.mjs/)
    await nobodyIsLeft()
  })
})

describe('an abort', () => {
  it('reaches the steps of every worker', async () => {
    const abort = new AbortController()
    const crew = await crewOf([{number: 1}, {number: 2}], {signal: abort.signal})
    const step = crew.step('untilAborted', null)
    abort.abort()
    expect(await step).toEqual([true, true])
  })

  it('reaches workers that were hired after it', async () => {
    const crew = await crewOf([{number: 1}], {signal: AbortSignal.abort()})
    expect(await crew.step('untilAborted', null)).toEqual([true])
  })
})

describe('workers', () => {
  it('do not mind an interrupt, which is meant for us', async () => {
    const crew = await crewOf()
    for (const pid of crew.pids) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(pid, signal)
    expect(await crew.step('add', 1)).toEqual([11, 21])
    expect(crew.deaths).toEqual([])
  })

  it('are gone when the crew is dismissed, in the midst of a step too, and that is no death', async () => {
    const crew = await crewOf()
    const {pids} = crew
    const step = crew.step('forever', {})
    await crew[Symbol.asyncDispose]()
    expect(pids.filter(isRunning)).toEqual([])
    expect(await step).toEqual([])
    expect(crew.deaths).toEqual([])
    expect(await crew.step('add', 1)).toEqual([])
  })

  test.each([0, 1, 2, 3, 5, 8])('may be killed %d turns of the loop before they are dismissed', async (turns) => {
    const crew = await crewOf()
    const {pids} = crew
    process.kill(pids[0] ?? 0, 'SIGKILL')
    await vi.waitUntil(() => !isRunning(pids[0] ?? 0), {...PATIENCE, interval: 0})
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
    await crew[Symbol.asyncDispose]()
    expect(pids.filter(isRunning)).toEqual([])
    expect(await crew.step('add', 1)).toEqual([])
  })

  it('are killed when they hang', async () => {
    const crew = await crewOf([{number: 1}])
    const {pids} = crew
    const step = crew.step('hang', null)
    await crew[Symbol.asyncDispose]()
    expect(pids.filter(isRunning)).toEqual([])
    expect(await step).toEqual([])
  })

  it('end when whoever hired them is killed', async () => {
    const script = fileURLToPath(new URL('./fixtures/parent.mjs', import.meta.url))
    const parent = spawn(process.execPath, [script], {stdio: ['ignore', 'pipe', 'inherit']})
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pids = JSON.parse(line.toString()) as number[]
    expect(pids.map(isRunning)).toEqual([true, true])
    parent.kill('SIGKILL')
    await vi.waitUntil(() => !pids.some(isRunning), PATIENCE)
  })
})
