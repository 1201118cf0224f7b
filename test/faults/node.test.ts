import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test, vi} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import {TargetError, UsageError} from '../../src/lib/base/errors.js'
import {runCommand} from '../../src/lib/faults/node/commands.js'
import {identityOf, lineageOf} from '../../src/lib/faults/node/process-identity.js'
import {findProcess, TargetProcess} from '../../src/lib/faults/node/target-process.js'
import {agentFor, isDead, isRunning, optionsFor, state, victim} from './victim.js'

const clock = new HostClock()
const PATIENCE = {timeout: 10_000}

describe('a process that is never disturbed', () => {
  test.each([
    ['the first one', 1, 'process 1 is never disturbed'],
    ['none', 0, 'process 0 is never disturbed'],
    ['a group', -5, 'process -5 is never disturbed'],
    ['our own', process.pid, 'is proofload itself, or what started it'],
    ['what started us', process.ppid, 'is proofload itself, or what started it'],
  ])('is %s', (_which, pid, why) => {
    expect(() => findProcess('a', pid)).toThrow(UsageError)
    expect(() => findProcess('a', pid)).toThrow(why)
  })

  test('is a child of ours', async () => {
    const pid = await victim()
    expect(() => findProcess('a', pid)).toThrow('is proofload itself, or what started it')
  })

  test('is one that does not exist', () => {
    expect(() => findProcess('a', 2 ** 22 + 1)).toThrow(TargetError)
  })

  test('is another one that was given the id', async () => {
    const pid = await victim()
    expect(new TargetProcess(pid, 'of an earlier one').signal('SIGKILL')).toBe(false)
    await isRunning(pid)
  })
})

test('a process keeps its identity, and has a lineage', async () => {
  const pid = await victim()
  expect(identityOf(pid)).toBe(identityOf(pid))
  expect(identityOf(pid)).not.toBeUndefined()
  expect(lineageOf(pid)).toEqual(expect.arrayContaining([pid, process.pid, process.ppid]))
})

describe('a command of the user', () => {
  test('runs without a shell', async () => {
    await expect(runCommand(['test', '$HOME', '=', '$HOME'])).resolves.toBeUndefined()
  })

  test.each([
    [['sh', '-c', 'echo first >&2; echo why it failed >&2; exit 3'], 'why it failed'],
    [['proofload-no-such-program'], 'ENOENT'],
    [['false'], "'false' failed: "],
  ])('%j tells why it failed', async (command, why) => {
    await expect(runCommand(command)).rejects.toThrow(why)
    await expect(runCommand(command)).rejects.toBeInstanceOf(TargetError)
  })
})

describe.runIf(process.platform === 'linux')('node faults (need /proc)', () => {
  test('node.kill ends a process, by the signal that was chosen', async () => {
    const pid = await victim()
    const agent = await agentFor(optionsFor(['node.kill(node=a,signal=TERM) at 0s'], [{name: 'a', pid}]))
    agent.start(clock.now())
    await isDead(pid)
    await vi.waitFor(() => expect(agent.records[0]?.outcome).toBe('reverted'), PATIENCE)
  })

  test.each(['node.kill', 'node.pause'])('%s by commands runs one, and the other when it is over', async (name) => {
    const [broken, mended] = [join(state.directory, 'broken'), join(state.directory, 'mended')]
    const node = {name: 'a', inject: ['touch', broken], revert: ['touch', mended]}
    const agent = await agentFor(optionsFor([`${name}(node=a) at 0s for 30s`], [node]))
    expect(agent.previews).toEqual([{server: 'node a', hits: `whatever 'touch ${broken}' hits`}])
    agent.start(clock.now())
    await vi.waitFor(() => expect(existsSync(broken)).toBe(true), PATIENCE)
    expect(existsSync(mended)).toBe(false)
    await agent.revertAll()
    expect(existsSync(mended)).toBe(true)
  })

  test('a revert command that fails is tried again until it holds', async () => {
    const flag = join(state.directory, 'flag')
    const revert = ['sh', '-c', `test -e ${flag}2 || { mv ${flag} ${flag}2 || touch ${flag}; false; }`]
    const agent = await agentFor(
      optionsFor(['node.kill(node=a) at 0s for 1s'], [{name: 'a', inject: ['true'], revert}]),
    )
    agent.start(clock.now())
    await vi.waitFor(() => expect(agent.records[0]?.outcome).toBe('reverted'), PATIENCE)
  })

  test('a node without any way to be paused is refused', async () => {
    const node = {name: 'a', inject: ['true']}
    await expect(agentFor(optionsFor(['node.pause(node=a) at 0s for 1s'], [node]))).rejects.toThrow(
      "node 'a' cannot be paused: it needs a pid, or both an inject and a revert command",
    )
  })
})
