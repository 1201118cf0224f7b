import {appendFile, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import type {FaultGround, NodeHandle} from '../../src/lib/faults/fault.js'
import {leftRuns} from '../../src/lib/faults/journal/read-journal.js'
import {recover} from '../../src/lib/faults/journal/recover.js'
import {stateDirectory} from '../../src/lib/faults/journal/state-directory.js'
import {
  agentFor,
  agentPid,
  hasEnded,
  isRunning,
  isStopped,
  journals,
  optionsFor,
  parentOf,
  state,
  victim,
} from './victim.js'

const clock = new HostClock()

function recovered(nodes: readonly NodeHandle[], force = false) {
  const ground: FaultGround = {proxies: {}, nodes}
  return recover({state: state.directory, ground, force, now: () => clock.date()})
}

async function journal(): Promise<string> {
  const [name = ''] = await journals()
  return join(state.directory, 'runs', name)
}

describe.runIf(process.platform === 'linux')('the journal (its processes are watched through /proc)', () => {
  test('puts back what is left when parent and agent are both killed, also when its last line is torn', async () => {
    const pid = await victim()
    const parent = await parentOf(optionsFor(['node.pause(node=a) at 0s for 50s'], [{name: 'a', pid}]), 'busy')
    await isStopped(pid)
    // Stopped first, as an agent whose parent is gone would revert before it can be killed.
    const agent = await agentPid()
    process.kill(agent, 'SIGSTOP')
    parent.kill('SIGKILL')
    process.kill(agent, 'SIGKILL')
    await appendFile(await journal(), '{"kind":"reverted","at":"2026-')
    await expect
      .poll(() => recovered([]))
      .toMatchObject([
        {alive: false, faults: [{fault: 'node.pause(node=a) at 0ms for 50s', outcome: 'reverted', exitCode: 0}]},
      ])
    await isRunning(pid)
    await hasEnded()
    expect(await recovered([])).toEqual([])
  })

  test('leaves a run alone that still lives', async () => {
    const pid = await victim()
    const agent = await agentFor(optionsFor(['node.pause(node=a) at 0s for 50s'], [{name: 'a', pid}]))
    agent.start(clock.now())
    await isStopped(pid)
    expect(await recovered([])).toMatchObject([{alive: true, faults: []}])
    await isStopped(pid)
  })

  test('holds no command of the user, so that the profile must name it again', async () => {
    const node = {name: 'a', inject: ['true'], revert: ['sh', '-c', 'echo mended --token=abc']}
    const parent = await parentOf(optionsFor(['node.pause(node=a) at 0s for 50s'], [node]), 'busy')
    await expect.poll(() => leftRuns(state.directory)[0]?.left).toHaveLength(1)
    const agent = await agentPid()
    process.kill(agent, 'SIGSTOP')
    parent.kill('SIGKILL')
    process.kill(agent, 'SIGKILL')
    expect(await readFile(await journal(), 'utf8')).not.toContain('mended')
    await expect
      .poll(() => recovered([]))
      .toMatchObject([
        {
          faults: [
            {outcome: 'not reverted', trouble: "there is no node 'a': the profile has no 'nodes:'", exitCode: 2},
          ],
        },
      ])
    expect(await recovered([node])).toMatchObject([{faults: [{outcome: 'reverted'}]}])
    expect(await recovered([node])).toEqual([])
  })
})

test.each([
  ['what was asked for', '/a', {PROOFLOAD_STATE: '/b'}, '/a'],
  ['$PROOFLOAD_STATE', undefined, {PROOFLOAD_STATE: '/b', XDG_STATE_HOME: '/c'}, '/b'],
  ['$XDG_STATE_HOME', undefined, {XDG_STATE_HOME: '/c'}, '/c/proofload'],
  [
    'the home, when $XDG_STATE_HOME is relative',
    undefined,
    {XDG_STATE_HOME: 'c'},
    expect.stringMatching(/\.local\/state\/proofload$/),
  ],
])('state is kept in %s', (_where, asked, environment, directory) => {
  expect(stateDirectory(asked, environment)).toEqual(directory)
})
