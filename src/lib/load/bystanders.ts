/** How much of this machine's processors others take: neither we nor anything that we started, the practice target included. */
import {readdirSync, readFileSync} from 'node:fs'
import {availableParallelism} from 'node:os'
import {HostClock, type Clock} from '../base/clock.js'
import {SECOND, type Ms, type Share} from '../base/units.js'

/** Time that programs spent in their own code, in ticks of 10 ms since they began; the system's own part is nobody's alone. */
interface Spent {
  readonly atMs: Ms
  readonly all: number
  readonly ours: number
}

const TICK: Ms = 10

/** Looks once a second, where the system tells (Linux does). */
export class Bystanders implements Disposable {
  readonly #clock: Pick<Clock, 'now'>
  readonly #proc: string
  readonly #looks: Spent[] = []
  readonly #timer: NodeJS.Timeout

  constructor({clock = new HostClock(), proc = '/proc'}: {clock?: Pick<Clock, 'now'>; proc?: string} = {}) {
    this.#clock = clock
    this.#proc = proc
    this.look()
    this.#timer = setInterval(() => this.look(), SECOND)
    this.#timer.unref()
  }

  /** Of all processors together; undefined where it is not known. */
  share(fromMs: Ms, toMs: Ms): Share | undefined {
    const within = this.#looks.filter(({atMs}) => atMs >= fromMs && atMs <= toMs)
    const [first, last] = [within[0], within.at(-1)]
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined
    const others = last.all - first.all - (last.ours - first.ours)
    return Math.max(0, (others * TICK) / ((last.atMs - first.atMs) * availableParallelism()))
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  look(): void {
    try {
      this.#looks.push({atMs: this.#clock.now(), all: ofAll(this.#proc), ours: ofOurs(this.#proc)})
    } catch {
      // Another system, which does not tell.
    }
  }
}

/** https://man7.org/linux/man-pages/man5/proc_stat.5.html */
function ofAll(proc: string): number {
  const [, user = '0', nice = '0'] = readFileSync(`${proc}/stat`, 'utf8').split(/\s+/)
  return Number(user) + Number(nice)
}

interface Process {
  readonly pid: number
  readonly parent: number
  /** Its own and that of its ended children. */
  readonly ticks: number
}

function ofOurs(proc: string): number {
  const children = new Map<number, Process[]>()
  for (const one of processes(proc)) children.set(one.parent, [...(children.get(one.parent) ?? []), one])
  const own = processOf(proc, String(process.pid))
  let ticks = 0
  for (const next = own === undefined ? [] : [own]; next.length > 0;) {
    const one = next.pop()
    ticks += one?.ticks ?? 0
    next.push(...(children.get(one?.pid ?? -1) ?? []))
  }
  return ticks
}

function processes(proc: string): Process[] {
  return readdirSync(proc).flatMap((name) => (/^\d+$/.test(name) ? (processOf(proc, name) ?? []) : []))
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; undefined once it is gone. */
function processOf(proc: string, pid: string): Process | undefined {
  try {
    const text = readFileSync(`${proc}/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return {pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[13])}
  } catch {
    return undefined
  }
}
