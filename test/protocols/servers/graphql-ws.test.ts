/** GraphQL over WebSocket against the real server: graphql-ws on ws, with a schema of one subscription and one mutation. */
import {createRequire} from 'node:module'
import type {AddressInfo} from 'node:net'
import {useServer} from 'graphql-ws/use/ws'
import {vi} from 'vitest'
import {WebSocketServer} from 'ws'
import {provesProtocol} from './flooding.js'
import {Rooms} from './rooms.js'
import type {Script} from './script.js'

// By Node's own resolution, as graphql-ws does: the test runner would take the ES build, and two copies do not know each other.
const {GraphQLError, buildSchema} = createRequire(import.meta.url)('graphql') as typeof import('graphql')

const schema = buildSchema(`
  type Message { text: String! }
  type Query { rooms: Int }
  type Subscription { message(room: ID!): Message! }
  type Mutation { say(room: ID!, text: String!): Boolean }
`)

interface Message {
  readonly message: {readonly text: string}
}

/** What was said and not yet fetched; ends when its user does. */
class Mailbox implements AsyncIterableIterator<Message> {
  readonly #mail: Message[] = []
  #waiting: ((result: IteratorResult<Message>) => void) | undefined
  readonly #left: (mailbox: Mailbox) => void

  constructor(left: (mailbox: Mailbox) => void) {
    this.#left = left
  }
  put(message: Message): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) waiting({value: message, done: false})
    else this.#mail.push(message)
  }
  next(): Promise<IteratorResult<Message>> {
    const value = this.#mail.shift()
    if (value) return Promise.resolve({value, done: false})
    return new Promise((resolve) => (this.#waiting = resolve))
  }
  return(): Promise<IteratorResult<Message>> {
    this.#left(this)
    this.#waiting?.({value: undefined, done: true})
    return Promise.resolve({value: undefined, done: true})
  }
  [Symbol.asyncIterator](): this {
    return this
  }
}

function rootsFor(script: Script) {
  const rooms = new Rooms<Mailbox>()
  return {
    subscription: {
      message({room}: {room: string}) {
        if (!script.admits()) throw new GraphQLError('the room is full')
        const mailbox = new Mailbox((left) => rooms.leave(left))
        rooms.enter(room, mailbox)
        return mailbox
      },
    },
    mutation: {
      say({room, text}: {room: string; text: string}) {
        const copies = script.copies()
        if (copies === undefined) throw new GraphQLError('no')
        rooms.tell(room, copies, (mailbox) => mailbox.put({message: {text}}))
        return true
      },
    },
  }
}

// It says on the console that it could not complete what it had refused, because we hung up at once.
vi.spyOn(console, 'error').mockImplementation(() => undefined)

provesProtocol(
  'graphql-ws',
  async (script) => {
    const server = new WebSocketServer({host: '127.0.0.1', port: 0, path: '/graphql'})
    const disposable = useServer({schema, roots: rootsFor(script)}, server)
    await new Promise((resolve) => server.once('listening', resolve))
    return {
      urls: [`ws://127.0.0.1:${(server.address() as AddressInfo).port}`],
      async [Symbol.asyncDispose]() {
        await disposable.dispose()
      },
    }
  },
  {acks: true, refusesJoins: true},
)
