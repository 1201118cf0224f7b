/** A process under watch: real ones of this machine, and one in a /proc of the test's own. */
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {availableParallelism, tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, describe, expect, test} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import {readLinux} from '../../src/lib/watch/process/linux.js'
import {parseTime, readPs} from '../../src/lib/watch/process/ps.js'
import type {Usage} from '../../src/lib/watch/process/usage.js'
import {watchProcess} from '../../src/lib/watch/process/watch-process.js'
import {secondsApart} from './kit.js'

const children: ChildProcess[] = []

/** `script` runs in a Node of its own; resolves when that says that it is there. */
async function child(script: string): Promise<ChildProcess & {readonly pid: number}> {
  const started = spawn(process.execPath, ['-e', `console.log('here'); ${script}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(started)
  await once(started.stdout, 'data')
  return started as ChildProcess & {readonly pid: number}
}

afterEach(async () => {
  for (const one of children.splice(0)) {
    if (one.exitCode !== null || one.signalCode !== null) continue
    one.kill('SIGKILL')
    await once(one, 'exit')
  }
})

const idle = 'setInterval(() => {}, 1000)'
const specOf = (pid: number) => ({kind: 'process', name: 'chat', pid}) as const
const onHost = {clock: new HostClock(), certificates: {insecure: false}}

describe('a real process', () => {
  test('tells its memory at the first look, and how busy it was from the second on', async () => {
    const {pid} = await child('const until = Date.now() + 20000; while (Date.now() < until) {}')
    const watcher = watchProcess(specOf(pid), onHost)
    const first = await watcher.sample()
    expect(Object.keys(first).sort()).toEqual(['memory', 'memory_bytes'])
    expect(first['memory_bytes']).toBeGreaterThan(2 ** 20)
    expect(first['memory']).toBeGreaterThan(0)
    expect(first['memory']).toBeLessThan(1)
    // Until it has had a processor for some ticks: the machine may be busy with others.
    let sample = first
    for (let look = 0; look < 50 && !((sample['cpu'] ?? 0) > 0.05); look++) {
      await onHost.clock.sleep(200)
      sample = await watcher.sample()
    }
    expect(sample['cpu']).toBeGreaterThan(0.05)
    expect(sample['cpu']).toBeLessThanOrEqual(1)
    expect(sample['cpu_cores']).toBeGreaterThan(0.05)
  })

  test('one that ended is told', async () => {
    const running = await child(idle)
    const watcher = watchProcess(specOf(running.pid), onHost)
    await watcher.sample()
    running.kill('SIGKILL')
    await once(running, 'exit')
    await expect(watcher.sample()).rejects.toThrow(`process ${running.pid} has ended`)
  })

  test('one that took its place under another id is followed', async () => {
    const [first, second] = [await child(idle), await child(idle)]
    const watcher = watchProcess(specOf(first.pid), {
      ...onHost,
      successor: (name) => (name === 'chat' ? second.pid : 1),
    })
    await watcher.sample()
    first.kill('SIGKILL')
    await once(first, 'exit')
    const sample = await watcher.sample()
    expect(sample['memory_bytes']).toBeGreaterThan(2 ** 20)
    expect(sample).not.toHaveProperty('cpu')
  })

  test('one that never was is refused with a way out', async () => {
    const gone = await child('process.exit(0)')
    await once(gone, 'exit')
    await expect(watchProcess(specOf(gone.pid), onHost).sample()).rejects.toMatchObject({
      message: `there is no process ${gone.pid} on this machine`,
      hint: expect.stringContaining('http://host:9100/metrics') as string,
    })
  })

  test('ps tells the same where there is no /proc', async () => {
    const usage = await readPs(process.pid)
    expect(usage?.memoryBytes).toBeGreaterThan(2 ** 20)
    expect(usage?.cpuMs).toBeGreaterThanOrEqual(0)
    expect(usage?.identity).not.toBe('')
    expect(await readPs(2 ** 22 + 1)).toBeUndefined()
  })
})

describe('times of ps', () => {
  test.each([
    ['0:07.25', 7250],
    ['12:34.5', 754_500],
    ['01:02:03', 3_723_000],
    ['2-01:02:03', 176_523_000],
    ['-', NaN],
  ])('%s is %i ms', (text, ms) => expect(parseTime(text)).toBe(ms))
})

describe('busyness', () => {
  const usage = (cpuMs: number, threads?: Readonly<Record<string, number>>): Usage => ({
    identity: 'one',
    cpuMs,
    threadsMs: threads === undefined ? undefined : new Map(Object.entries(threads)),
    memoryBytes: 25,
    memoryLimitBytes: 100,
  })

  async function second(before: Usage, after: Usage) {
    const {kit, pass} = secondsApart()
    const looks = [before, after]
    const watcher = watchProcess(specOf(7), kit, () => looks.shift())
    await watcher.sample()
    await pass()
    return watcher.sample()
  }

  test.each([
    ['one busy thread is full at one core', usage(0, {a: 0, b: 0}), usage(950, {a: 900, b: 50}), 0.9, 0.95],
    ['a thread born meanwhile counts from its birth', usage(0, {a: 0}), usage(900, {a: 100, b: 800}), 0.8, 0.9],
    [
      'one that ended meanwhile does not count below zero',
      usage(500, {a: 100, b: 400}),
      usage(600, {a: 200}),
      0.1,
      0.1,
    ],
    ['without threads the process counts as one', usage(0), usage(400), 0.4, 0.4],
    ['and is never more than full', usage(0), usage(8 * 1000 * availableParallelism()), 1, 8 * availableParallelism()],
  ])('%s', async (_, before, after, cpu, cores) => {
    const sample = await second(before, after)
    expect(sample['cpu']).toBeCloseTo(Math.max(cpu, Math.min(1, cores / availableParallelism())), 9)
    expect(sample['cpu_cores']).toBeCloseTo(cores, 9)
    expect(sample['memory']).toBe(0.25)
  })

  test('another process under the same id is not taken for it', async () => {
    const looks = [usage(0), {...usage(10), identity: 'another'}]
    const watcher = watchProcess(specOf(7), secondsApart().kit, () => looks.shift())
    await watcher.sample()
    await expect(watcher.sample()).rejects.toThrow('process 7 has ended')
  })
})

describe('/proc', () => {
  test('a name with blanks and parentheses does not shift the fields', () => {
    const root = mkdtempSync(join(tmpdir(), 'proofload-proc-'))
    const stat = (state: string) => `7 (a) b (c)) ${state} 1 7 7 0 -1 0 0 0 0 0 12 30 0 0 20 0 1 0 98765 0 0`
    try {
      mkdirSync(join(root, '7/task/7'), {recursive: true})
      writeFileSync(join(root, '7/stat'), stat('S'))
      writeFileSync(join(root, '7/task/7/stat'), stat('S'))
      writeFileSync(join(root, '7/status'), 'Name:\ta) b (c)\nVmRSS:\t    2048 kB\n')
      expect(readLinux(7, root)).toMatchObject({
        identity: '98765',
        cpuMs: 420,
        threadsMs: new Map([['7', 420]]),
        memoryBytes: 2 ** 21,
      })
      writeFileSync(join(root, '7/stat'), stat('Z'))
      expect(readLinux(7, root)).toBeUndefined()
      expect(readLinux(8, root)).toBeUndefined()
    } finally {
      rmSync(root, {recursive: true})
    }
  })
})
