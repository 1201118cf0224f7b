/** Watches a process of this machine: how busy it is, and how much memory it holds. */
import {availableParallelism} from 'node:os'
import {TargetError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import {sampleOf, type Sample} from '../resource.js'
import type {ProcessSpec} from '../spec.js'
import type {Watcher, WatcherKit} from '../watcher.js'
import {readLinux} from './linux.js'
import {readPs} from './ps.js'
import type {Usage} from './usage.js'

interface Look {
  readonly atMs: Ms
  readonly usage: Usage
}

export type ReadUsage = (pid: number) => Usage | undefined | Promise<Usage | undefined>

const ofThisSystem: ReadUsage = process.platform === 'linux' ? (pid) => readLinux(pid) : readPs

class ProcessWatcher implements Watcher {
  readonly name: string
  #pid: number
  #last: Look | undefined

  constructor(
    spec: ProcessSpec,
    private readonly kit: WatcherKit,
    private readonly read: ReadUsage,
  ) {
    this.name = spec.name
    this.#pid = spec.pid
  }

  async sample(): Promise<Sample> {
    const usage = await this.#usage()
    const atMs = this.kit.clock.now()
    const last = this.#last
    this.#last = {atMs, usage}
    const {memoryBytes, memoryLimitBytes} = usage
    return sampleOf({
      ...(last === undefined ? {} : busyness(last.usage, usage, atMs - last.atMs)),
      memory: memoryBytes / memoryLimitBytes,
      memory_bytes: memoryBytes,
    })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** Another process under the old id is none of ours. */
  async #usage(): Promise<Usage> {
    const usage = await this.read(this.#pid)
    const known = this.#last?.usage.identity
    if (usage !== undefined && (known === undefined || known === usage.identity)) return usage
    return this.#follow()
  }

  /** To the process that was started again under another id. */
  async #follow(): Promise<Usage> {
    const next = this.kit.successor?.(this.name) ?? this.#pid
    const usage = next === this.#pid ? undefined : await this.read(next)
    if (usage === undefined) throw this.#gone()
    this.#pid = next
    this.#last = undefined
    return usage
  }

  #gone(): TargetError {
    if (this.#last !== undefined) return new TargetError(`process ${this.#pid} has ended`)
    return new TargetError(`there is no process ${this.#pid} on this machine`, {
      hint: 'a process is watched by its id on this machine; one of another machine by its metrics page: http://host:9100/metrics',
    })
  }
}

/**
 * A program with one busy thread is full at one core, and one with many when the machine is full: what is nearer to its limit counts. Where
 * threads cannot be told apart, the process counts as one.
 */
function busyness(before: Usage, now: Usage, elapsed: Ms): {cpu?: number; cpu_cores?: number} {
  if (elapsed <= 0) return {}
  const cores = Math.max(0, now.cpuMs - before.cpuMs) / elapsed
  const threads = [...(now.threadsMs ?? [])].map(([id, cpuMs]) => (cpuMs - (before.threadsMs?.get(id) ?? 0)) / elapsed)
  const busiest = now.threadsMs === undefined ? cores : Math.max(0, ...threads)
  const cpu = Math.max(Math.min(1, busiest), cores / availableParallelism())
  return {cpu: Math.min(1, cpu), cpu_cores: cores}
}

/** `read` is for tests. */
export function watchProcess(spec: ProcessSpec, kit: WatcherKit, read = ofThisSystem): Watcher {
  return new ProcessWatcher(spec, kit, read)
}
