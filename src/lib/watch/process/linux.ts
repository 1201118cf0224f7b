/** Reads a process from /proc, as Linux shows it to every user (proc_pid_stat(5), proc_pid_status(5), cgroups(7)). */
import {readdirSync, readFileSync} from 'node:fs'
import {totalmem} from 'node:os'
import {join} from 'node:path'
import type {Bytes, Ms} from '../../base/units.js'
import type {Usage} from './usage.js'

/** What user programs are shown is in hundredths of a second on every Linux, whatever the kernel counts in. */
const MS_PER_TICK = 10
/** Beyond this many threads only their sum is read. */
const MOST_THREADS = 512

/** Undefined when there is no such process, or only its remains. */
export function readLinux(pid: number, root = '/proc'): Usage | undefined {
  const folder = join(root, String(pid))
  const process = statOf(join(folder, 'stat'))
  const status = read(join(folder, 'status'))
  if (process === undefined || status === undefined || process.isDead) return undefined
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  return {
    identity: process.identity,
    cpuMs: process.cpuMs,
    threadsMs: threadsOf(folder),
    memoryBytes: Number(kilobytes ?? 0) * 1024,
    memoryLimitBytes: Math.min(totalmem(), controlGroupLimit(folder)),
  }
}

interface Stat {
  readonly identity: string
  readonly cpuMs: Ms
  readonly isDead: boolean
}

/** The name, in parentheses, may hold anything, also ')': fields are counted behind its last one. */
function statOf(file: string): Stat | undefined {
  const text = read(file)
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  // Fields 3 (state), 14 (utime), 15 (stime) and 22 (starttime) of the manual's count.
  const [state = 'X', user, system, began] = [fields[0], fields[11], fields[12], fields[19]]
  const cpuMs = (Number(user) + Number(system)) * MS_PER_TICK
  return {identity: began ?? '', cpuMs, isDead: state === 'Z' || state === 'X'}
}

function threadsOf(folder: string): ReadonlyMap<string, Ms> | undefined {
  const threads = list(join(folder, 'task'))
  if (threads.length === 0 || threads.length > MOST_THREADS) return undefined
  const times = threads.map((id) => [id, statOf(join(folder, 'task', id, 'stat'))?.cpuMs] as const)
  return new Map(times.flatMap(([id, cpuMs]) => (cpuMs === undefined ? [] : [[id, cpuMs]])))
}

/** Of version 2: `0::/path`; Infinity where there is none, or it is not to be seen from here. */
function controlGroupLimit(folder: string): Bytes {
  const path = /^0::(\/.*)$/m.exec(read(join(folder, 'cgroup')) ?? '')?.[1]
  if (path === undefined) return Infinity
  const limit = Number(read(join('/sys/fs/cgroup', path, 'memory.max')) ?? NaN)
  return Number.isFinite(limit) && limit > 0 ? limit : Infinity
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
