/** A process that may be signalled: it exists, it is not ours, and it is still the same one when its time comes. */
import {TargetError, UsageError} from '../../base/errors.js'
import {commandOf, identityOf, lineageOf} from './process-identity.js'

export class TargetProcess {
  constructor(
    readonly pid: number,
    readonly identity: string,
  ) {}

  /** `process 4711: node dist/server.js` */
  describe(): string {
    return `process ${this.pid}: ${commandOf(this.pid)}`
  }

  get alive(): boolean {
    return identityOf(this.pid) === this.identity
  }

  /** Yields false when the process is not there any more; another one with its id is left alone. Throws when it may not be signalled. */
  signal(signal: NodeJS.Signals): boolean {
    if (!this.alive) return false
    try {
      return process.kill(this.pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
      throw error
    }
  }
}

/** Throws a UsageError for a process that must not be touched, and a TargetError for one that is not there. */
export function findProcess(node: string, pid: number): TargetProcess {
  if (!Number.isInteger(pid) || pid <= 1) throw new UsageError(`node '${node}': process ${pid} is never disturbed`)
  if (lineageOf(process.pid).includes(pid) || lineageOf(pid).includes(process.pid))
    throw new UsageError(`node '${node}': process ${pid} is proofload itself, or what started it`)
  const identity = identityOf(pid)
  if (identity === undefined) throw new TargetError(`node '${node}': there is no process ${pid}`)
  try {
    process.kill(pid, 0)
  } catch (cause) {
    throw new TargetError(`node '${node}': process ${pid} may not be signalled by this user`, {
      cause,
      hint: 'run proofload as the user of the process, or give the node inject and revert commands',
    })
  }
  return new TargetProcess(pid, identity)
}
