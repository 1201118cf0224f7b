/** Lets a process of its own inject a fault, and kills it as nothing can be caught. */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import type {FaultGround} from '../../src/lib/faults/fault.js'
import {plan, type Parameters} from './trial.js'

const CHILD = fileURLToPath(new URL('injecting-child.mjs', import.meta.url))

export interface Doomed {
  /** What it wrote down for a later process. */
  readonly undoing: Readonly<Record<string, unknown>>
  readonly kill: () => Promise<void>
}

/** `module` below src/lib/faults, without its ending; resolves when the fault is in force. */
export async function injectElsewhere(
  [module, exported, name]: readonly [string, string, string],
  ground: Partial<FaultGround>,
  parameters: Parameters = {},
): Promise<Doomed> {
  const words = [
    module,
    exported,
    JSON.stringify({proxies: {}, nodes: [], ...ground}),
    JSON.stringify(plan(name, parameters)),
  ]
  const child = spawn(process.execPath, [CHILD, ...words], {stdio: ['ignore', 'pipe', 'inherit']})
  const [line] = (await once(createInterface({input: child.stdout}), 'line')) as [string]
  return {
    undoing: (JSON.parse(line) ?? {}) as Readonly<Record<string, unknown>>,
    kill: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}
