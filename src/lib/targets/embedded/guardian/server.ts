/** What a guardian keeps of the server it started, and how a child process is ended within a bound. */
import type {ChildProcess} from 'node:child_process'
import {once} from 'node:events'

export interface GuardedServer {
  readonly pid: number
  readonly version: string
  /** Resolves when the server has ended, by itself or not. */
  readonly ended: Promise<void>
  /** Ends the server: politely, then after a bound by SIGKILL. Resolves when it is gone. */
  stop(): Promise<void>
}

/** Wraps a running child; `polite` is the signal on which this server ends in order. */
export function guarded(child: ChildProcess, version: string, polite: NodeJS.Signals, boundMs: number): GuardedServer {
  return {
    pid: child.pid ?? 0,
    version,
    ended: endOf(child),
    stop: () => endChild(child, polite, boundMs),
  }
}

/** Whether the child has ended. */
export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Sends `polite`, and SIGKILL after `boundMs`; resolves when the child is gone. */
export async function endChild(child: ChildProcess, polite: NodeJS.Signals, boundMs: number): Promise<void> {
  const ended = endOf(child)
  child.kill(polite)
  const bound = setTimeout(() => child.kill('SIGKILL'), boundMs)
  await ended
  clearTimeout(bound)
}

async function endOf(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await once(child, 'exit')
}
