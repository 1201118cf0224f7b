/** A few users try a protocol before any load: they enter, one speaks, and the first frames are kept for whoever has to mend the protocol file. */
import type {IncomingMessage} from 'node:http'
import type {ClientOptions} from 'ws'
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import type {ChatConnection, ConnectionListener, Ending, Line} from '../chat-connection.js'
import {openConnection} from '../open-connection.js'
import {StampReader, writeStamp} from '../stamp.js'
import {Connection} from './connection.js'
import type {Dialect, Who} from './dialect.js'
import {FirstFrames} from './first-frames.js'

export interface RehearsalOptions {
  readonly dialect: Dialect
  /** [0-9a-z]{8}: marks our message among others. */
  readonly runId: string
  readonly clock: Clock
  readonly signal: AbortSignal
  who(user: number): Who
}

export interface Entrance {
  readonly user: number
  readonly url: string
  readonly options: ClientOptions
  /** After this the attempt is given up, with the reason `timeout`. */
  readonly patience: Ms
}

/** How far a user got. */
export interface Guest {
  readonly user: number
  readonly connection: ChatConnection
  readonly frames: FirstFrames
  /** Why it is not in its room, as `Ending` tells it. */
  refusal: string | undefined
  /** What it waited for when it was refused: index of the entrance's step; undefined while the socket was not open. */
  waitingFor: number | undefined
  /** From dialling to the open socket, and to being in the room. */
  openMs: Ms | undefined
  enteredMs: Ms | undefined
  /** The one that the server chose; empty for none. */
  subprotocol: string
  /** The answer to a handshake that is no WebSocket. */
  answer: {readonly status: number; readonly headers: IncomingMessage['headers']} | undefined
}

/** What became of one message. */
export interface Said {
  /** From sending to the ack; undefined when none came, or when the protocol has none. */
  readonly ackMs: Ms | undefined
  readonly refused: boolean
  /** From sending until each user had it, by user. */
  readonly reached: ReadonlyMap<number, Ms>
}

export class Rehearsal {
  readonly #options: RehearsalOptions
  readonly #line: Line
  readonly #guests = new Map<ChatConnection, Guest>()
  readonly #settled = new Map<ChatConnection, () => void>()
  #sentAtMs: Ms = 0
  #said: {ackMs: Ms | undefined; refused: boolean; reached: Map<number, Ms>} | undefined
  #heard: () => void = () => undefined

  constructor(options: RehearsalOptions) {
    this.#options = options
    this.#line = {
      dialect: options.dialect,
      reader: new StampReader(options.runId),
      who: (user) => options.who(user),
      listener: this.#listener(),
    }
  }

  /** Resolves once the user is in its room, or it is certain that it will not be. Never rejects. */
  async enter({user, url, options, patience}: Entrance): Promise<Guest> {
    const {clock, signal} = this.#options
    const start = clock.now()
    const connection = openConnection(this.#line, {user, url, options})
    const guest = newGuest(connection, new FirstFrames(String(this.#options.who(user).token)))
    this.#guests.set(connection, guest)
    connection.on('open', () => {
      guest.openMs = clock.now() - start
      guest.subprotocol = connection instanceof Connection ? connection.protocol : ''
    })
    connection.on('message', (data, isBinary) => guest.frames.add(data as Buffer, isBinary))
    connection.on(
      'unexpected-response',
      (_, {statusCode = 0, headers}) => (guest.answer = {status: statusCode, headers}),
    )
    const settled = new Promise<void>((resolve) => this.#settled.set(connection, resolve))
    const timer = setTimeout(() => connection.abandon('timeout'), patience)
    const interrupt = () => connection.abandon('interrupted')
    signal.addEventListener('abort', interrupt)
    if (signal.aborted) interrupt()
    await settled
    clearTimeout(timer)
    signal.removeEventListener('abort', interrupt)
    if (guest.refusal === undefined) guest.enteredMs = clock.now() - start
    return guest
  }

  /** Sends one stamped message and waits until it is acked and has reached `receivers`, as long as `patience` lasts. */
  async say(speaker: Guest, receivers: readonly Guest[], patience: Ms): Promise<Said> {
    const {clock, signal, dialect, runId} = this.#options
    for (const guest of this.#guests.values()) guest.frames.forget()
    this.#said = {ackMs: undefined, refused: false, reached: new Map()}
    const said = this.#said
    const over = new AbortController()
    this.#heard = () => {
      const acked = dialect.ack === undefined || said.ackMs !== undefined
      if (said.refused || (acked && receivers.every(({user}) => said.reached.has(user)))) over.abort()
    }
    this.#sentAtMs = clock.now()
    speaker.connection.publish(writeStamp(runId, speaker.user, 0, 0), 0)
    await clock.sleep(patience, AbortSignal.any([signal, over.signal]))
    return said
  }

  /** Closes every connection in order, and at once what does not close in time. */
  async leave(patience: Ms): Promise<void> {
    const open = [...this.#guests.keys()].filter(({stage}) => stage !== 'closed')
    const closed = open.map((connection) => new Promise<void>((resolve) => connection.once('close', () => resolve())))
    for (const connection of open) connection.depart()
    const over = new AbortController()
    void Promise.all(closed).then(() => over.abort())
    await this.#options.clock.sleep(patience, over.signal)
    for (const connection of open) connection.terminate()
  }

  #listener(): ConnectionListener {
    return {
      entered: (connection) => this.#settled.get(connection)?.(),
      ended: (connection, ending) => this.#ended(connection, ending),
      stamp: (connection) => {
        this.#said?.reached.set(connection.user, this.#options.clock.now() - this.#sentAtMs)
        this.#heard()
      },
      acked: () => {
        if (this.#said) this.#said.ackMs ??= this.#options.clock.now() - this.#sentAtMs
        this.#heard()
      },
      publishRefused: () => {
        if (this.#said) this.#said.refused = true
        this.#heard()
      },
      protocolError: () => undefined,
    }
  }

  #ended(connection: ChatConnection, {reason, stage}: Ending): void {
    const guest = this.#guests.get(connection)
    if (guest && stage !== 'in') {
      guest.refusal = reason
      guest.waitingFor = stage === 'entering' ? connection.step : undefined
    }
    this.#settled.get(connection)?.()
  }
}

function newGuest(connection: ChatConnection, frames: FirstFrames): Guest {
  return {
    user: connection.user,
    connection,
    frames,
    refusal: undefined,
    waitingFor: undefined,
    openMs: undefined,
    enteredMs: undefined,
    subprotocol: '',
    answer: undefined,
  }
}
