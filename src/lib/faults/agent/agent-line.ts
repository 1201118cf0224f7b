/** The agent process and the pipe to it: lines go out, lines come back, and its end is noticed. */
import {spawn, type ChildProcessByStdio} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import type {Readable, Writable} from 'node:stream'
import {fileURLToPath} from 'node:url'
import {entryOf} from '../../base/entry.js'
import type {FromAgent, ToAgent} from './messages.js'

/** Longer than the agent tries to revert, so that it is not cut short. */
const END_WITHIN_MS = 25_000
const KEPT_STDERR = 2000

export interface LineEvents {
  hear(message: FromAgent): void
  /** It ended before we ended it: `killed by SIGKILL`, `exit code 1: …`. */
  ended(how: string): void
}

export class AgentLine {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #closed: Promise<unknown>
  #stderr = ''
  #ending = false
  #gone = false

  constructor(events: LineEvents) {
    const child = spawnAgent()
    this.#child = child
    this.#closed = once(child, 'close').catch(() => undefined)
    createInterface({input: child.stdout}).on('line', (line) => events.hear(JSON.parse(line) as FromAgent))
    child.stderr.on('data', (chunk: Buffer) => (this.#stderr = (this.#stderr + chunk.toString()).slice(-KEPT_STDERR)))
    const end = (how: string) => {
      if (this.#gone) return
      this.#gone = true
      if (!this.#ending) events.ended(how)
    }
    child.on('error', (error) => end(error.message))
    // Not at its exit, when its last lines may still be in the pipe.
    child.on('close', (code, signal) => end(signal ? `killed by ${signal}` : this.#lastWords(code)))
  }

  /** Whether there is still somebody to tell. */
  tell(message: ToAgent): boolean {
    if (!this.#gone) this.#child.stdin.write(`${JSON.stringify(message)}\n`)
    return !this.#gone
  }

  /** The end of its stdin means revert and leave; one that does not leave is killed. */
  async end(): Promise<void> {
    this.#ending = true
    if (this.#gone) return
    this.#child.stdin.end()
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS)
    await this.#closed
    clearTimeout(killer)
  }

  #lastWords(code: number | null): string {
    const words = this.#stderr.trim().split('\n').at(-1) ?? ''
    return `exit code ${code ?? '?'}${words === '' ? '' : `: ${words}`}`
  }
}

/** Detached, so that a terminal's Ctrl-C passes it by; without our NODE_OPTIONS (inspect, …). */
function spawnAgent(): ChildProcessByStdio<Writable, Readable, Readable> {
  const inherited = Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS')
  const child = spawn(process.execPath, [fileURLToPath(entryOf('./main.js', import.meta.url))], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: Object.fromEntries(inherited),
  })
  child.stdin.on('error', () => undefined)
  return child
}
