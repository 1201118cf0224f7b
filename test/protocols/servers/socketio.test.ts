/** Socket.IO against the real server: two nodes that share a Redis by the official adapter. */
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {createAdapter} from '@socket.io/redis-adapter'
import {Redis} from 'ioredis'
import {Server} from 'socket.io'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {startRedis, type RedisService} from '../../../src/lib/targets/embedded/redis.js'
import {compileDialect} from '../../../src/lib/protocols/websocket/dialect.js'
import {protocolFile, readProtocol} from '../../../src/lib/targets/profile/protocols.js'
import {closingOf, dial, hasEnded, hasEntered} from '../websocket/listening-line.js'
import {provesProtocol} from './flooding.js'
import type {Script} from './script.js'

let redis: RedisService

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(async () => {
  await redis[Symbol.asyncDispose]()
})

interface Said {
  readonly room: string
  readonly text: string
}
type Answer = (answer?: {status: 'error'}) => void

async function startNode(script: Script) {
  const links = [new Redis(redis.url), new Redis(redis.url)]
  const http = createServer()
  const io = new Server(http, {adapter: createAdapter(links[0], links[1])})
  io.on('connection', (socket) => {
    socket.on('join', (room: string, answer: Answer) => {
      if (!script.admits()) return answer({status: 'error'})
      void Promise.resolve(socket.join(room)).then(() => answer())
    })
    socket.on('message', (said: Said, answer: Answer) => {
      const copies = script.copies()
      if (copies === undefined) return answer({status: 'error'})
      for (let copy = 0; copy < copies; copy++) io.to(said.room).emit('message', {text: said.text})
      answer()
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: async () => {
      await io.close()
      for (const link of links) link.disconnect()
    },
  }
}

provesProtocol(
  'socketio',
  async (script) => {
    const nodes = await Promise.all([startNode(script), startNode(script)])
    return {
      urls: nodes.map(({url}) => url),
      async [Symbol.asyncDispose]() {
        for (const {close} of nodes) await close()
      },
    }
  },
  {acks: true, refusesJoins: true},
)

/** A flood is over before the first ping, and comes with a token that nobody looks at. */
describe('one user of a real Socket.IO server', () => {
  async function withServer(configure: (io: Server) => void, test: (user: ReturnType<typeof dial>) => Promise<void>) {
    const http = createServer()
    const io = new Server(http, {pingInterval: 50, pingTimeout: 10_000})
    configure(io)
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const protocol = await readProtocol(await protocolFile('socketio', '.'))
    const who = {user: 'user-7', n: 7, room: 'lobby', token: 't', run: 'r'}
    const {port} = http.address() as AddressInfo
    const user = dial(compileDialect(protocol).url(`ws://127.0.0.1:${port}`, who), protocol)
    try {
      await test(user)
    } finally {
      await closingOf(user)[Symbol.asyncDispose]()
      await io.close()
    }
  }

  it('answers its pings, and stays', async () => {
    let pongs = 0
    const joins = (io: Server): void => {
      io.engine.on('connection', (raw: {on(event: 'heartbeat', heard: () => void): void}) => {
        raw.on('heartbeat', () => pongs++)
      })
      io.on('connection', (socket) => socket.on('join', (_room: string, answer: Answer) => answer()))
    }
    await withServer(joins, async ({until, told}) => {
      await until(hasEntered)
      await vi.waitUntil(() => pongs >= 3, {timeout: 10_000, interval: 5})
      expect([told.endings, told.protocolErrors]).toEqual([[], []])
    })
  })

  it('hands over its token, and is refused where the namespace does not want it', async () => {
    const tokens: unknown[] = []
    const refuses = (io: Server): void => {
      io.use((socket, next) => {
        tokens.push(socket.handshake.auth['token'])
        next(new Error('unauthorised'))
      })
    }
    await withServer(refuses, async ({until}) => {
      expect((await until(hasEnded)).endings).toMatchObject([{reason: 'join-refused', refused: true}])
      expect(tokens).toEqual(['t'])
    })
  })
})
