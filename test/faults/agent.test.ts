import {describe, expect, test, vi} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import {
  agentFor,
  agentPid,
  hasEnded,
  isDead,
  isRunning,
  isStopped,
  journals,
  optionsFor,
  parentOf,
  victim,
} from './victim.js'

const clock = new HostClock()
const PATIENCE = {timeout: 10_000}

describe.runIf(process.platform === 'linux')('the fault agent (its processes are watched through /proc)', () => {
  test('shows whom it would hit, injects on time, reverts on time, and leaves an ended journal', async () => {
    const pid = await victim()
    const agent = await agentFor(optionsFor(['node.pause(node=a) at 100ms for 300ms'], [{name: 'a', pid}]))
    expect(agent.previews).toEqual([{server: `process ${pid}: sleep 60`, hits: '1 process'}])
    const startAtMs = clock.now()
    agent.start(startAtMs)
    await isStopped(pid)
    await vi.waitFor(() => expect(agent.records[0]?.outcome).toBe('reverted'), PATIENCE)
    await isRunning(pid)
    const [record] = agent.records
    expect(record?.injectedAtMs).toBeGreaterThanOrEqual(startAtMs + 100)
    expect(record?.revertedAtMs).toBeGreaterThanOrEqual(startAtMs + 400)
    await agent[Symbol.asyncDispose]()
    await hasEnded()
  })

  test('reverts when it is asked to, and injects nothing more', async () => {
    const [first, second] = [await victim(), await victim()]
    const nodes = [
      {name: 'a', pid: first},
      {name: 'b', pid: second},
    ]
    const texts = ['node.pause(node=a) at 0s for 30s', 'node.pause(node=b) at 20s for 5s']
    const agent = await agentFor(optionsFor(texts, nodes))
    agent.start(clock.now())
    await isStopped(first)
    await agent.revertAll()
    expect(agent.records.map(({outcome}) => outcome)).toEqual(['reverted', 'not injected'])
    await isRunning(first)
  })

  test('reverts when a signal is aborted', async () => {
    const pid = await victim()
    const abort = new AbortController()
    const options = optionsFor(['node.pause(node=a) at 0s for 30s'], [{name: 'a', pid}])
    const agent = await agentFor({...options, signal: abort.signal})
    agent.start(clock.now())
    await isStopped(pid)
    abort.abort()
    await isRunning(pid)
  })

  test('leaves no trace when nothing was started', async () => {
    const pid = await victim()
    const agent = await agentFor(optionsFor(['node.pause(node=a) at 0s for 30s'], [{name: 'a', pid}]))
    await agent[Symbol.asyncDispose]()
    expect(agent.records[0]?.outcome).toBe('not injected')
    expect(await journals()).toEqual([])
  })

  test.each([
    ['idle', 'before the fault'],
    ['busy', 'before the fault'],
    ['idle', 'in it'],
    ['busy', 'in it'],
  ] as const)('reverts when its parent, which is %s, is killed %s', async (mood, moment) => {
    const pid = await victim()
    const parent = await parentOf(optionsFor(['node.pause(node=a) at 300ms for 50s'], [{name: 'a', pid}]), mood)
    if (moment === 'in it') await isStopped(pid)
    parent.kill('SIGKILL')
    await hasEnded()
    await isRunning(pid)
  })

  test.each(['SIGTERM', 'SIGHUP'] as const)('reverts and leaves at %s, and its parent knows', async (signal) => {
    const pid = await victim()
    const agent = await agentFor(optionsFor(['node.pause(node=a) at 0s for 30s'], [{name: 'a', pid}]))
    agent.start(clock.now())
    await isStopped(pid)
    process.kill(await agentPid(), signal)
    await vi.waitFor(() => expect(agent.records[0]?.outcome).toBe('reverted'), PATIENCE)
    await isRunning(pid)
  })

  test('is not impressed by SIGINT, which a terminal sends to everybody', async () => {
    const pid = await victim()
    const agent = await agentFor(optionsFor(['node.pause(node=a) at 0s for 30s'], [{name: 'a', pid}]))
    process.kill(await agentPid(), 'SIGINT')
    agent.start(clock.now())
    await isStopped(pid)
    await agent.revertAll()
    expect(agent.records[0]?.outcome).toBe('reverted')
  })

  test('that is killed itself is replaced by its parent, from the journal', async () => {
    const pid = await victim()
    const agent = await agentFor(optionsFor(['node.pause(node=a) at 0s for 30s'], [{name: 'a', pid}]))
    agent.start(clock.now())
    await isStopped(pid)
    process.kill(await agentPid(), 'SIGKILL')
    await isRunning(pid)
    await vi.waitFor(() => expect(agent.records[0]?.outcome).toBe('reverted'), PATIENCE)
    expect(agent.records[0]?.trouble).toContain('killed by SIGKILL')
  })

  test('tells that a process was gone when its time came', async () => {
    const pid = await victim()
    const agent = await agentFor(
      optionsFor(['node.kill(node=a) at 0s', 'node.pause(node=a) at 1s for 1s'], [{name: 'a', pid}]),
    )
    agent.start(clock.now())
    await isDead(pid)
    await vi.waitFor(() => expect(agent.records[1]).toMatchObject({outcome: 'not injected'}), PATIENCE)
    expect(agent.records[0]).toMatchObject({outcome: 'reverted', evidence: {process: String(pid), alive: 'no'}})
    expect(agent.records[1]?.trouble).toBe(`process ${pid} is gone`)
  })
})
