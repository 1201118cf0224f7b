/** The commands of a connection: pub/sub, transactions, scripts, blocking pops, clients, and small talk. */
import {popOf, type Waiters} from './blocking.js'
import {clientCommand, type ClientWorld} from './clients.js'
import {COMMANDS, type CommandSpec} from './commands.js'
import type {Connection} from './connection.js'
import {infoText, type InfoFacts} from './info.js'
import type {PubSub} from './pub-sub.js'
import {keysAndArgs, scriptCommand, type Scripts} from './scripts.js'
import {epochMs, type Store} from './store.js'
import {NO_ARRAY, OK, ReplyError, Status, WRONG_TYPE, wrongNumber, type Value} from './value.js'
import type {Watches} from './watches.js'

/** What these commands work with; `run` does any command on data. */
export interface Session extends ClientWorld {
  readonly store: Store
  readonly pubSub: PubSub
  readonly scripts: Scripts
  readonly waiters: Waiters
  readonly watches: Watches
  facts(): InfoFacts
  run(connection: Connection, spec: CommandSpec, args: readonly string[]): Value | undefined
}

/** Undefined: it has answered by itself, or will. */
type SessionCommand = (session: Session, connection: Connection, args: readonly string[]) => Value | undefined

function ping(connection: Connection, args: readonly string[]): Value {
  if (args.length > 1) throw wrongNumber('ping')
  if (connection.isSubscriber) return ['pong', args[0] ?? '']
  return args[0] ?? new Status('PONG')
}

function exec(session: Session, connection: Connection): Value {
  const transaction = connection.transaction
  if (transaction === undefined) throw new ReplyError('ERR EXEC without MULTI')
  const called = session.watches.isBroken(connection)
  connection.transaction = undefined
  session.watches.unwatch(connection)
  if (transaction.broken) throw new ReplyError('EXECABORT Transaction discarded because of previous errors.')
  if (called) return NO_ARRAY
  return transaction.queue.map(({spec, args}) => answerOf(() => settled(session, connection, spec, args)))
}

/** A blocking pop that finds nothing does not block inside EXEC. */
function settled(session: Session, connection: Connection, spec: CommandSpec, args: readonly string[]): Value {
  if (!BLOCKING.has(spec.name)) return session.run(connection, spec, args) ?? null
  return attemptPop(session, spec.name, args) ?? NO_ARRAY
}

/** An error as a value. */
export function answerOf<Answer>(run: () => Answer): Answer | ReplyError {
  try {
    return run()
  } catch (error) {
    if (error instanceof ReplyError) return error
    return new ReplyError(`ERR the in-process Redis failed: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const BLOCKING = new Set(['blpop', 'brpop', 'brpoplpush', 'blmove'])

/** @throws ReplyError when the first key that is there is no list */
function attemptPop(session: Session, name: string, args: readonly string[]): Value | undefined {
  const pop = popOf(name, args)
  const type = pop.keys.map((key) => session.store.typeOf(key)).find((held) => held !== 'none')
  if (type !== undefined && type !== 'list') throw new ReplyError(WRONG_TYPE)
  const value = pop.attempt(session.store)
  session.store.settle()
  return value
}

function blockingPop(name: string): SessionCommand {
  return (session, connection, args) => {
    const value = attemptPop(session, name, args)
    if (value === undefined) session.waiters.add(connection, popOf(name, args))
    return value
  }
}

function subscription(act: 'subscribe' | 'unsubscribe', kind: 'channels' | 'patterns'): SessionCommand {
  return (session, connection, names) => {
    session.pubSub[act](connection, kind, names)
    return undefined
  }
}

function select([db]: readonly string[]): Value {
  if (db !== '0') throw new ReplyError('ERR DB index is out of range')
  return OK
}

function command([action]: readonly string[]): Value {
  return action?.toUpperCase() === 'COUNT' ? COMMANDS.size : []
}

/** Seconds, and microseconds of the second. */
export function time(): Value {
  const now = epochMs()
  return [String(Math.floor(now / 1000)), String((now % 1000) * 1000)]
}

/** By name in lower case. */
export const SESSION_COMMANDS: Readonly<Record<string, SessionCommand>> = {
  ping: (_, connection, args) => ping(connection, args),
  info: (session, _, args) => infoText(session.facts(), args),
  command: (_, __, args) => command(args),
  select: (_, __, args) => select(args),
  time,
  auth: () => {
    throw new ReplyError(
      'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    )
  },
  quit: (_, connection) => {
    connection.reply(OK)
    connection.closeAfterReply()
    return undefined
  },
  client: (session, connection, args) => clientCommand(session, connection, args),
  publish: (session, _, [channel = '', message = '']) => session.pubSub.publish(channel, message),
  pubsub: (session, _, args) => session.pubSub.command(args),
  subscribe: subscription('subscribe', 'channels'),
  psubscribe: subscription('subscribe', 'patterns'),
  unsubscribe: subscription('unsubscribe', 'channels'),
  punsubscribe: subscription('unsubscribe', 'patterns'),
  multi: (_, connection) => {
    if (connection.transaction !== undefined) throw new ReplyError('ERR MULTI calls can not be nested')
    connection.transaction = {queue: [], broken: false}
    return OK
  },
  exec: (session, connection) => exec(session, connection),
  discard: (session, connection) => {
    if (connection.transaction === undefined) throw new ReplyError('ERR DISCARD without MULTI')
    connection.transaction = undefined
    session.watches.unwatch(connection)
    return OK
  },
  watch: (session, connection, args) => {
    if (connection.transaction !== undefined) throw new ReplyError('ERR WATCH inside MULTI is not allowed')
    session.watches.watch(connection, args)
    return OK
  },
  unwatch: (session, connection) => {
    session.watches.unwatch(connection)
    return OK
  },
  eval: (session, _, [script = '', ...words]) =>
    session.scripts.run(session.scripts.load(script), ...keysAndArgs(words)),
  evalsha: (session, _, [sha = '', ...words]) => session.scripts.run(sha, ...keysAndArgs(words)),
  script: (session, _, args) => scriptCommand(session.scripts, args),
  ...Object.fromEntries([...BLOCKING].map((name) => [name, blockingPop(name)])),
}
