/** `node.pause`: a process stands still without ending (SIGSTOP), as one does in a long garbage collection or on a frozen host. */
import {UsageError} from '../../base/errors.js'
import type {FaultGround} from '../fault.js'
import type {Injector, MakeInjector} from '../injector.js'
import type {Undoing} from '../journal/records.js'
import {runCommand} from './commands.js'
import {nodeOf} from './node-of.js'
import {findProcess, TargetProcess} from './target-process.js'

export const nodePause: MakeInjector = (fault, {ground}) => {
  const {name, pid, inject, revert} = nodeOf(fault, ground)
  if (inject && revert) return byCommands(name, inject, revert)
  if (pid === undefined || inject)
    throw new UsageError(`node '${name}' cannot be paused: it needs a pid, or both an inject and a revert command`)
  return bySignal(name, pid)
}

/** Puts back what a killed run left. */
export async function undoNodePause({node, pid, identity}: Undoing, ground: FaultGround): Promise<void> {
  if (typeof pid === 'number') new TargetProcess(pid, String(identity)).signal('SIGCONT')
  else await undoByCommand(String(node), ground)
}

/** The command itself is not in the journal, as it may hold secrets. */
export async function undoByCommand(node: string, ground: FaultGround): Promise<void> {
  const {revert} = nodeOf({parameters: {node}}, ground)
  if (!revert) throw new UsageError(`node '${node}' has no revert command in this profile`)
  await runCommand(revert)
}

function bySignal(name: string, pid: number): Injector {
  let target: TargetProcess | undefined
  let stopped = false
  return {
    prepare() {
      target = findProcess(name, pid)
      return Promise.resolve({server: target.describe(), hits: '1 process'})
    },
    undoing: () => Promise.resolve({node: name, pid, identity: target?.identity}),
    inject() {
      stopped = true
      if (target?.signal('SIGSTOP') === true) return Promise.resolve()
      return Promise.reject(new Error(`process ${pid} is gone`))
    },
    revert() {
      if (stopped) target?.signal('SIGCONT')
      return Promise.resolve()
    },
    evidence: () => ({process: String(pid), alive: target?.alive === true ? 'yes' : 'no'}),
    close: () => Promise.resolve(),
  }
}

function byCommands(name: string, inject: readonly string[], revert: readonly string[]): Injector {
  let injected = false
  return {
    prepare: () => Promise.resolve({server: `node ${name}`, hits: `whatever '${inject.join(' ')}' hits`}),
    undoing: () => Promise.resolve({node: name}),
    async inject() {
      injected = true
      await runCommand(inject)
    },
    async revert() {
      if (injected) await runCommand(revert)
      injected = false
    },
    evidence: () => ({}),
    close: () => Promise.resolve(),
  }
}
