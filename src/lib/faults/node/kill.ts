/** `node.kill`: a process of the target ends without warning; with a `for`, the node's revert command brings it back. */
import type {Clock} from '../../base/clock.js'
import {UsageError} from '../../base/errors.js'
import type {FaultGround, FaultPreview, NodeHandle, PlannedFault} from '../fault.js'
import type {Injector, MakeInjector} from '../injector.js'
import type {Undoing} from '../journal/records.js'
import {runCommand} from './commands.js'
import {nodeOf} from './node-of.js'
import {undoByCommand} from './pause.js'
import {findProcess, type TargetProcess} from './target-process.js'

/** Who may take its time after SIGTERM is not waited for longer. */
const GONE_WITHIN_MS = 1000
const GONE_POLL_MS = 5

export const nodeKill: MakeInjector = (fault, {ground, clock}) => new Killing(nodeOf(fault, ground), fault, clock)

/** Puts back what a killed run left. */
export async function undoNodeKill({node}: Undoing, ground: FaultGround): Promise<void> {
  await undoByCommand(String(node), ground)
}

class Killing implements Injector {
  /** Only when it is to be brought back. */
  readonly undoing?: () => Promise<Undoing>
  readonly #signal: NodeJS.Signals
  #target: TargetProcess | undefined
  #injected = false

  constructor(
    readonly node: NodeHandle,
    {parameters, forMs}: PlannedFault,
    readonly clock: Clock,
  ) {
    this.#signal = `SIG${String(parameters['signal'])}` as NodeJS.Signals
    if (forMs > 0) this.undoing = () => Promise.resolve({node: node.name})
  }

  prepare(): Promise<FaultPreview> {
    const {name, pid, inject, revert} = this.node
    if (this.undoing && !revert)
      throw new UsageError(`node '${name}' has no revert command that would bring it back: leave out 'for'`)
    if (inject) return Promise.resolve({server: `node ${name}`, hits: `whatever '${inject.join(' ')}' hits`})
    if (pid === undefined) throw new UsageError(`node '${name}' cannot be killed: it needs a pid or an inject command`)
    this.#target = findProcess(name, pid)
    return Promise.resolve({server: this.#target.describe(), hits: '1 process'})
  }

  async inject(): Promise<void> {
    this.#injected = true
    if (this.node.inject) await runCommand(this.node.inject)
    else await this.#end()
  }

  async #end(): Promise<void> {
    const target = this.#target
    if (target?.signal(this.#signal) !== true) throw new Error(`process ${this.node.pid ?? '?'} is gone`)
    const deadline = this.clock.now() + GONE_WITHIN_MS
    while (target.alive && this.clock.now() < deadline) await this.clock.sleep(GONE_POLL_MS)
  }

  async revert(): Promise<void> {
    if (this.#injected && this.undoing && this.node.revert) await runCommand(this.node.revert)
    this.#injected = false
  }

  evidence(): Readonly<Record<string, number | string>> {
    return this.#target === undefined
      ? {}
      : {process: String(this.#target.pid), alive: this.#target.alive ? 'yes' : 'no'}
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
