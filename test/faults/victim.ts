/** A process to be disturbed, and a state directory, both gone after each test. */
import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, expect, vi} from 'vitest'
import {type AgentOptions, type FaultAgent, startAgent} from '../../src/lib/faults/agent/agent.js'
import type {FaultGround, NodeHandle} from '../../src/lib/faults/fault.js'
import {parseFault} from '../../src/lib/faults/grammar.js'
import {settleFaults} from '../../src/lib/faults/settle.js'

const PARENT = fileURLToPath(new URL('agent-parent.mjs', import.meta.url))
const PATIENCE = {timeout: 10_000}
const children: ChildProcess[] = []
const agents: FaultAgent[] = []
export const state = {directory: ''}

beforeEach(async () => {
  state.directory = await mkdtemp(join(tmpdir(), 'proofload-state-'))
})

afterEach(async () => {
  for (const agent of agents.splice(0)) await agent[Symbol.asyncDispose]()
  for (const child of children.splice(0)) {
    child.kill('SIGCONT')
    child.kill('SIGKILL')
  }
  await rm(state.directory, {recursive: true, force: true})
})

/** The id of a process that does nothing. */
export async function victim(): Promise<number> {
  const child = spawn('sleep', ['60'], {stdio: 'ignore'})
  children.push(child)
  await once(child, 'spawn')
  return child.pid ?? 0
}

/** `R`, `S`, `T` for stopped; undefined when it is gone. */
async function stateOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat?.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
}

export const isStopped = (pid: number) => vi.waitFor(async () => expect(await stateOf(pid)).toBe('T'), PATIENCE)
export const isRunning = (pid: number) => vi.waitFor(async () => expect(await stateOf(pid)).toMatch(/[RS]/), PATIENCE)
export const isDead = (pid: number) => vi.waitFor(async () => expect((await stateOf(pid)) ?? 'Z').toBe('Z'), PATIENCE)

export function optionsFor(
  texts: readonly string[],
  nodes: readonly NodeHandle[],
  ground: Partial<FaultGround> = {},
): AgentOptions {
  const faults = settleFaults(texts.map(parseFault), {durationMs: 120_000, allowSticky: true})
  const options = {runId: 'r1', seed: 'seed', journal: state, target: 'the test'}
  return {...options, faults, ground: {proxies: {}, nodes, ...ground}}
}

export async function agentFor(options: AgentOptions): Promise<FaultAgent> {
  const agent = await startAgent(options)
  agents.push(agent)
  return agent
}

/** A process of ours that started an agent; `busy`: its event loop never turns again. */
export async function parentOf(options: AgentOptions, mood: 'idle' | 'busy'): Promise<ChildProcess> {
  const parent = spawn(process.execPath, [PARENT, mood], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {...process.env, OPTIONS: JSON.stringify(options)},
  })
  children.push(parent)
  await once(parent.stdout, 'data')
  return parent
}

export async function journals(): Promise<string[]> {
  return (await readdir(join(state.directory, 'runs'))).sort()
}

/** Every fault of the run is put back, and its journal is closed. */
export async function hasEnded(): Promise<void> {
  await vi.waitFor(async () => expect(await journals()).toEqual([expect.stringMatching(/\.ended\.jsonl$/)]), PATIENCE)
}

/** The agent's process, as its journal names it. */
export async function agentPid(): Promise<number> {
  const [journal = ''] = await journals()
  const [first = ''] = (await readFile(join(state.directory, 'runs', journal), 'utf8')).split('\n')
  return (JSON.parse(first) as {writer: {pid: number}}).writer.pid
}
