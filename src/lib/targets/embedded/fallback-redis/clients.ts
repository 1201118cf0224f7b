/** CLIENT LIST, KILL, PAUSE and the like: how drills look at connections and cut them. */
import {performance} from 'node:perf_hooks'
import type {Connection} from './connection.js'
import {integer} from './numbers.js'
import type {Pause} from './pause.js'
import {OK, ReplyError, SYNTAX, wrongNumber, type Value} from './value.js'

/** What CLIENT may touch. */
export interface ClientWorld {
  readonly connections: ReadonlySet<Connection>
  readonly pause: Pause
}

type Action = (world: ClientWorld, self: Connection, args: readonly string[]) => Value

const NAME = /^[!-~]*$/

const ACTIONS: Readonly<Record<string, Action>> = {
  ID: (_, self) => self.id,
  INFO: (_, self) => line(self),
  GETNAME: (_, self) => (self.name === '' ? null : self.name),
  SETNAME: (_, self, [name = '']) => {
    if (!NAME.test(name))
      throw new ReplyError('ERR Client names cannot contain spaces, newlines or special characters.')
    self.name = name
    return OK
  },
  SETINFO: (_, self, [what = '', value = '']) => {
    if (what.toUpperCase() === 'LIB-NAME') self.library = value
    else if (what.toUpperCase() === 'LIB-VER') self.libraryVersion = value
    else throw new ReplyError(`ERR Unrecognized option '${what}'`)
    return OK
  },
  LIST: (world, _, args) => [...world.connections].filter(listed(args)).map(line).join(''),
  KILL: kill,
  PAUSE: (world, _, [length = '', mode = 'ALL']) => {
    const lengthMs = pauseLength(length)
    if (!/^(all|write)$/i.test(mode)) throw new ReplyError('ERR CLIENT PAUSE mode must be WRITE or ALL')
    world.pause.start(lengthMs, mode.toUpperCase() === 'ALL')
    return OK
  },
  UNPAUSE: (world) => {
    world.pause.end()
    return OK
  },
}

/** @throws ReplyError */
export function clientCommand(world: ClientWorld, self: Connection, [action = '', ...args]: readonly string[]): Value {
  const run = ACTIONS[action.toUpperCase()]
  if (run === undefined) {
    throw new ReplyError(
      `ERR CLIENT ${action.toUpperCase()} is not offered by the in-process Redis: it needs a real redis-server`,
    )
  }
  return run(world, self, args)
}

function pauseLength(text: string): number {
  try {
    const length = integer(text)
    if (length >= 0) return length
  } catch {
    // Worded for timeouts below.
  }
  throw new ReplyError('ERR timeout is not an integer or out of range')
}

const seconds = (from: number) => Math.floor((performance.now() - from) / 1000)

/** One line of CLIENT LIST, with the fields that a real server has and we know. */
function line(connection: Connection): string {
  const fields = {
    id: connection.id,
    addr: connection.address,
    laddr: connection.localAddress,
    fd: connection.id,
    name: connection.name,
    age: seconds(connection.since),
    idle: seconds(connection.lastCommandAt),
    flags: flags(connection),
    db: 0,
    sub: connection.channels.size,
    psub: connection.patterns.size,
    multi: connection.transaction?.queue.length ?? -1,
    cmd: connection.lastCommand,
    user: 'default',
    'lib-name': connection.library,
    'lib-ver': connection.libraryVersion,
    resp: 2,
  }
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}\n`
}

function flags(connection: Connection): string {
  const held = [
    connection.isSubscriber ? 'P' : '',
    connection.transaction === undefined ? '' : 'x',
    connection.unblock === undefined ? '' : 'b',
  ].join('')
  return held === '' ? 'N' : held
}

type Filter = (connection: Connection) => boolean

function typed(type: string): Filter {
  switch (type.toLowerCase()) {
    case 'normal':
      return (connection) => !connection.isSubscriber
    case 'pubsub':
      return (connection) => connection.isSubscriber
    case 'master':
    case 'replica':
    case 'slave':
      return () => false
    default:
      throw new ReplyError(`ERR Unknown client type '${type}'`)
  }
}

function listed([option, ...values]: readonly string[]): Filter {
  if (option === undefined) return () => true
  if (option.toUpperCase() === 'TYPE' && values.length === 1) return typed(values[0] ?? '')
  if (option.toUpperCase() !== 'ID' || values.length === 0) throw new ReplyError(SYNTAX)
  const ids = new Set(values.map(integer))
  return (connection) => ids.has(connection.id)
}

/** The old form `KILL addr:port` answers OK; the form with filters answers how many it cut. */
function kill(world: ClientWorld, self: Connection, args: readonly string[]): Value {
  if (args.length === 0) throw wrongNumber('client|kill')
  if (args.length === 1) {
    const victim = [...world.connections].find(({address}) => address === args[0])
    if (victim === undefined) throw new ReplyError('ERR No such client')
    cut(victim, self)
    return OK
  }
  const victims = [...world.connections].filter(killed(self, args))
  for (const victim of victims) cut(victim, self)
  return victims.length
}

/** Who kills itself still gets its answer. */
function cut(victim: Connection, self: Connection): void {
  if (victim === self) setImmediate(() => victim.closeAfterReply())
  else victim.kill()
}

function killed(self: Connection, args: readonly string[]): Filter {
  if (args.length % 2 !== 0) throw new ReplyError(SYNTAX)
  const filters: Filter[] = []
  let skipsSelf = true
  for (let index = 0; index < args.length; index += 2) {
    const [name = '', value = ''] = args.slice(index)
    if (name.toUpperCase() === 'SKIPME') skipsSelf = yesOrNo(value)
    else filters.push(killFilter(name.toUpperCase(), value))
  }
  if (skipsSelf) filters.push((connection) => connection !== self)
  return (connection) => filters.every((filter) => filter(connection))
}

function yesOrNo(word: string): boolean {
  if (!/^(yes|no)$/i.test(word)) throw new ReplyError(SYNTAX)
  return word.toLowerCase() === 'yes'
}

function killFilter(name: string, value: string): Filter {
  switch (name) {
    case 'ID':
      return ({id}) => id === integer(value)
    case 'ADDR':
      return ({address}) => address === value
    case 'LADDR':
      return ({localAddress}) => localAddress === value
    case 'TYPE':
      return typed(value)
    case 'USER':
      if (value !== 'default') throw new ReplyError(`ERR No such user '${value}'`)
      return () => true
    default:
      throw new ReplyError(SYNTAX)
  }
}
