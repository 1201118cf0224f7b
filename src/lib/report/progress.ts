/** Shows on stderr how a run is going: a line that redraws itself on a terminal, one plain line every five seconds elsewhere. */
import type {Ora} from 'ora'
import type {Clock} from '../base/clock.js'
import {formatDuration} from '../base/format-units.js'
import {redact} from '../base/redact.js'
import type {Terminal} from './terminal.js'

/** What a run has to say about itself. */
export interface ProgressNote {
  readonly phase: string
  readonly text: string
  /** 0 to 1 where it is known. */
  readonly done?: number
}

export interface Progress {
  note(note: ProgressNote): void
  /** A line that stays; shown also when progress is off, as it matters. */
  say(text: string): void
  /** Takes the live line away; nothing is shown afterwards. */
  end(): void
}

export interface ProgressOptions {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly quiet: boolean
}

export async function startProgress(options: ProgressOptions): Promise<Progress> {
  if (options.quiet) return new Silence(options.terminal)
  return options.terminal.live ? await liveProgress(options) : new PlainProgress(options)
}

/** `ramp 64 % · 32,000 of 50,000 connected · 6 s` */
function line(note: ProgressNote, elapsedMs: number): string {
  const done = note.done === undefined ? '' : ` ${Math.floor(Math.min(1, Math.max(0, note.done)) * 100)} %`
  const seconds = Math.round(elapsedMs / 1000)
  const elapsed = seconds === 0 ? '' : ` · ${formatDuration(seconds * 1000)}`
  return redact(`${note.phase}${done} · ${note.text}${elapsed}`)
}

class Silence implements Progress {
  constructor(readonly terminal: Terminal) {}

  note(): void {
    // Asked to be quiet.
  }

  say(text: string): void {
    this.terminal.err(`${redact(text)}\n`)
  }

  end(): void {
    // Nothing was begun.
  }
}

const PLAIN_EVERY_MS = 5000

/** Says the first note at once and the newest one every five seconds, as long as there is news. */
class PlainProgress implements Progress {
  readonly #terminal: Terminal
  readonly #clock: Clock
  readonly #start: number
  #timer: NodeJS.Timeout | undefined
  #news: ProgressNote | undefined

  constructor({terminal, clock}: ProgressOptions) {
    this.#terminal = terminal
    this.#clock = clock
    this.#start = clock.now()
  }

  note(note: ProgressNote): void {
    this.#news = note
    if (this.#timer !== undefined) return
    this.#print()
    this.#timer = setInterval(() => this.#print(), PLAIN_EVERY_MS)
    this.#timer.unref()
  }

  say(text: string): void {
    this.#terminal.err(`${redact(text)}\n`)
  }

  end(): void {
    clearInterval(this.#timer)
  }

  #print(): void {
    if (this.#news !== undefined) this.say(line(this.#news, this.#clock.now() - this.#start))
    this.#news = undefined
  }
}

async function liveProgress({clock}: ProgressOptions): Promise<Progress> {
  const {default: ora} = await import('ora')
  // discardStdin would put the terminal into raw mode, where Ctrl-C is no signal.
  return new LiveProgress(ora({stream: process.stderr, discardStdin: false, isEnabled: true}), clock)
}

class LiveProgress implements Progress {
  readonly #start: number

  constructor(
    private readonly spinner: Ora,
    private readonly clock: Clock,
  ) {
    this.#start = clock.now()
  }

  note(note: ProgressNote): void {
    this.spinner.text = line(note, this.clock.now() - this.#start)
    if (!this.spinner.isSpinning) this.spinner.start()
  }

  say(text: string): void {
    const spinning = this.spinner.isSpinning
    this.spinner.stop()
    process.stderr.write(`${redact(text)}\n`)
    if (spinning) this.spinner.start()
  }

  end(): void {
    this.spinner.stop()
  }
}
