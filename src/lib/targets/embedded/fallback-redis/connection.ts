/** One client's connection: what it asked, what it may be told, and its bytes on the way out. */
import type {Socket} from 'node:net'
import {performance} from 'node:perf_hooks'
import type {CommandSpec} from './commands.js'
import {encodeToBytes, type Value} from './value.js'

export interface Request {
  readonly words: readonly string[]
}

/** A command put off until EXEC. */
export interface Queued {
  readonly spec: CommandSpec
  readonly args: readonly string[]
}

export interface Transaction {
  readonly queue: Queued[]
  /** A queued command was wrong: EXEC refuses all of them. */
  broken: boolean
}

/** As Redis: a subscriber that is this far behind is cut off. */
const MOST_UNSENT_BYTES = 32 * 1024 * 1024

let lastId = 0

export class Connection {
  readonly id = ++lastId
  readonly since = performance.now()
  lastCommandAt = this.since
  lastCommand = 'NULL'
  name = ''
  library = ''
  libraryVersion = ''
  readonly channels = new Set<string>()
  readonly patterns = new Set<string>()
  transaction: Transaction | undefined
  readonly watched = new Set<string>()
  /** A watched key was written: the next EXEC does nothing. */
  watchBroken = false
  /** Waits in a blocking pop; calling it ends the wait without an answer. */
  unblock: (() => void) | undefined
  readonly requests: Request[] = []
  #chunks: Buffer[] = []
  #closing = false
  #open = true

  constructor(
    readonly socket: Socket,
    private readonly wantsFlush: (connection: Connection) => void,
  ) {}

  get isOpen(): boolean {
    return this.#open && !this.#closing
  }

  get isSubscriber(): boolean {
    return this.channels.size + this.patterns.size > 0
  }

  get address(): string {
    return `${this.socket.remoteAddress ?? '?'}:${this.socket.remotePort ?? 0}`
  }

  get localAddress(): string {
    return `${this.socket.localAddress ?? '?'}:${this.socket.localPort ?? 0}`
  }

  reply(value: Value): void {
    this.send(encodeToBytes(value))
  }

  /** Bytes that may be shared with other connections; they leave at the end of this turn of the loop. */
  send(bytes: Buffer): void {
    if (!this.isOpen) return
    if (this.#chunks.length === 0) this.wantsFlush(this)
    this.#chunks.push(bytes)
  }

  /** Writes all replies of this turn at once. */
  flush(): void {
    const chunks = this.#chunks
    this.#chunks = []
    if (!this.#open) return
    this.socket.cork()
    for (const chunk of chunks) this.socket.write(chunk)
    this.socket.uncork()
    if (this.#closing) this.socket.end()
    else if (this.isSubscriber && this.socket.writableLength > MOST_UNSENT_BYTES) this.socket.destroy()
  }

  /** Sends what is due, then closes. */
  closeAfterReply(): void {
    if (!this.isOpen) return
    this.wantsFlush(this)
    this.#closing = true
  }

  /** Cuts the connection now. */
  kill(): void {
    this.socket.destroy()
  }

  /** The socket is gone. */
  closed(): void {
    this.#open = false
    this.#chunks = []
    this.requests.length = 0
  }
}
