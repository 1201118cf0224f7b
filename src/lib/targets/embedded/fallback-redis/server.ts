/** The in-process Redis: takes connections, holds or runs their commands in order, and writes the answers. */
import {createServer, type Server, type Socket} from 'node:net'
import {performance} from 'node:perf_hooks'
import {Waiters} from './blocking.js'
import {COMMANDS, type CommandSpec} from './commands.js'
import {Connection} from './connection.js'
import {checkTypes, engineOn, specOf} from './engine.js'
import type {InfoFacts} from './info.js'
import {Pause} from './pause.js'
import {PubSub} from './pub-sub.js'
import {requestReader} from './request-reader.js'
import {Scripts} from './scripts.js'
import {answerOf, SESSION_COMMANDS, time, type Session} from './session.js'
import {Store} from './store.js'
import {ReplyError, Status, type Value} from './value.js'
import {Watches} from './watches.js'

const IN_SUBSCRIBER_MODE = new Set(['subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'ping', 'quit'])
/** Done at once although a transaction is open. */
const NOT_QUEUED = new Set(['exec', 'discard', 'multi', 'watch', 'quit'])
/** What answers more than once has no place in EXEC's one answer. */
const NOT_IN_TRANSACTIONS = new Set(['subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe'])
const SESSION_COMMANDS_IN_SCRIPTS = new Set(['publish', 'time'])

export class FallbackServer implements Session {
  readonly store = new Store()
  readonly pubSub = new PubSub()
  readonly connections = new Set<Connection>()
  readonly pause = new Pause(() => {
    for (const connection of this.connections) this.#goOn(connection)
  })
  readonly waiters = new Waiters(this.store, (connection) => this.#goOn(connection))
  readonly watches = new Watches(this.store)
  readonly scripts = new Scripts((words) => this.#runForScript(words))
  readonly #engine = engineOn(this.store)
  readonly #server: Server = createServer({noDelay: true}, (socket) => this.#accept(socket))
  readonly #unflushed = new Set<Connection>()
  #port = 0
  #accepted = 0
  #commands = 0

  /** @throws Error when the port is taken */
  listen(port: number): Promise<void> {
    this.#port = port
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({port, host: '127.0.0.1', backlog: 1024}, resolve)
    })
  }

  /** Cuts everybody off. */
  close(): void {
    this.#server.close()
    for (const connection of this.connections) connection.kill()
  }

  facts(): InfoFacts {
    return {
      port: this.#port,
      clients: this.connections.size,
      blocked: this.waiters.size,
      commands: this.#commands,
      connections: this.#accepted,
      ...this.pubSub.sizes,
      keys: this.store.size,
      expires: this.store.withDeadline,
    }
  }

  run(connection: Connection, spec: CommandSpec, args: readonly string[]): Value | undefined {
    if (spec.doer !== 'session') return this.#onData(spec, args)
    checkTypes(this.store, spec, args)
    return SESSION_COMMANDS[spec.name]?.(this, connection, args)
  }

  #onData(spec: CommandSpec, args: readonly string[]): Value {
    try {
      return this.#engine(spec, args)
    } finally {
      this.store.settle()
    }
  }

  #runForScript(words: readonly string[]): Value {
    const spec = specOf(words)
    const allowed = spec.doer !== 'session' || SESSION_COMMANDS_IN_SCRIPTS.has(spec.name)
    if (!allowed) throw new ReplyError('ERR This Redis command is not allowed from script')
    if (spec.name === 'publish') return this.pubSub.publish(words[1] ?? '', words[2] ?? '')
    if (spec.name === 'time') return time()
    return this.#onData(spec, words.slice(1))
  }

  #accept(socket: Socket): void {
    this.#accepted += 1
    const connection = new Connection(socket, (dirty) => this.#flushSoon(dirty))
    this.connections.add(connection)
    const reader = requestReader(
      (words) => connection.requests.push({words}),
      (why) => {
        connection.reply(new ReplyError(why))
        connection.closeAfterReply()
      },
    )
    socket.on('data', (bytes) => {
      reader.execute(bytes)
      this.#goOn(connection)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => this.#forget(connection))
  }

  #forget(connection: Connection): void {
    this.connections.delete(connection)
    connection.closed()
    connection.unblock?.()
    this.pubSub.forget(connection)
    this.watches.unwatch(connection)
  }

  /** Runs what the connection has asked for, until it must wait. */
  #goOn(connection: Connection): void {
    while (connection.isOpen && connection.unblock === undefined) {
      const request = connection.requests[0]
      if (request === undefined || this.#isHeld(connection, request.words)) return
      connection.requests.shift()
      if (request.words.length > 0) this.#serve(connection, request.words)
    }
  }

  #isHeld(connection: Connection, words: readonly string[]): boolean {
    const spec = COMMANDS.get((words[0] ?? '').toLowerCase())
    const ofQueue = spec?.name === 'exec' && connection.transaction?.queue.some((queued) => queued.spec.writes) === true
    return this.pause.holds(spec?.writes === true || ofQueue)
  }

  #serve(connection: Connection, words: readonly string[]): void {
    this.#commands += 1
    connection.lastCommandAt = performance.now()
    const value = answerOf(() => this.#answer(connection, words))
    if (value !== undefined) connection.reply(value)
    this.#announce()
  }

  /** Tells watchers and waiters what was written; serving one waiter may write for another. */
  #announce(): void {
    for (let written = this.store.takeWritten(); written.length > 0; written = this.store.takeWritten()) {
      this.watches.written(written)
      this.waiters.serve(written)
    }
  }

  #answer(connection: Connection, words: readonly string[]): Value | undefined {
    const {transaction} = connection
    const spec = answerOf(() => allowedSpec(connection, words))
    if (spec instanceof ReplyError) {
      if (transaction !== undefined) transaction.broken = true
      throw spec
    }
    const args = words.slice(1)
    connection.lastCommand = spec.name === 'client' ? `client|${args[0]?.toLowerCase() ?? ''}` : spec.name
    if (transaction === undefined || NOT_QUEUED.has(spec.name)) return this.run(connection, spec, args)
    transaction.queue.push({spec, args})
    return new Status('QUEUED')
  }

  #flushSoon(connection: Connection): void {
    if (this.#unflushed.size === 0) setImmediate(() => this.#flush())
    this.#unflushed.add(connection)
  }

  #flush(): void {
    const unflushed = [...this.#unflushed]
    this.#unflushed.clear()
    for (const connection of unflushed) connection.flush()
  }
}

/** @throws ReplyError when the command is not offered, malformed, or not allowed now */
function allowedSpec(connection: Connection, words: readonly string[]): CommandSpec {
  const spec = specOf(words)
  if (connection.isSubscriber && !IN_SUBSCRIBER_MODE.has(spec.name)) {
    throw new ReplyError(
      `ERR Can't execute '${spec.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    )
  }
  if (connection.transaction !== undefined && NOT_IN_TRANSACTIONS.has(spec.name)) {
    throw new ReplyError(`ERR ${spec.name.toUpperCase()} inside MULTI is not offered by the in-process Redis`)
  }
  return spec
}
