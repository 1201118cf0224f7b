/** Speaks just enough of Postgres' protocol to be greeted: an old server, or a pooler that hands out another one's process. */
import {once} from 'node:events'
import {createServer, type AddressInfo, type Socket} from 'node:net'

export interface FakePostgres extends AsyncDisposable {
  readonly url: string
}

export interface Manners {
  /** server_version_num. */
  readonly version: number
  /** The process that answers; the greeting says 7. */
  readonly pid: number
}

export async function fakePostgres(manners: Manners): Promise<FakePostgres> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    converse(socket, manners)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  return {
    url: `postgres://somebody:secret@127.0.0.1:${port}/chat?sslmode=disable`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const READY = message('Z', Buffer.from('I'))

/** The first message has no letter in front of its length. */
function converse(socket: Socket, manners: Manners): void {
  let waiting = Buffer.alloc(0)
  let greeted = false
  socket.on('data', (chunk) => {
    waiting = Buffer.concat([waiting, chunk])
    for (;;) {
      const from = greeted ? 1 : 0
      if (waiting.length < from + 4) return
      const end = from + waiting.readInt32BE(from)
      if (waiting.length < end) return
      const [letter, body] = [greeted ? String.fromCharCode(waiting[0] ?? 0) : '', waiting.subarray(from + 4, end)]
      waiting = waiting.subarray(end)
      socket.write(greeted ? answer(letter, body.toString('utf8'), manners) : greeting())
      greeted = true
    }
  })
}

function greeting(): Buffer {
  return Buffer.concat([message('R', numbers(0)), message('K', numbers(7, 8)), READY])
}

function answer(letter: string, text: string, {version, pid}: Manners): Buffer {
  if (letter === 'Q' && text.includes('pg_backend_pid')) return rows({pid: [23, String(pid)], startedAt: [25, 'then']})
  if (letter === 'Q') return rows({version: [23, String(version)], words: [25, String(version / 10_000)]})
  if (letter !== 'S') return Buffer.alloc(0)
  return Buffer.concat([message('1'), message('2'), message('n'), message('C', cString('SELECT 0')), READY])
}

/** One row, each of its columns with the number of its type. */
function rows(columns: Readonly<Record<string, readonly [type: number, text: string]>>): Buffer {
  const all = Object.entries(columns)
  const described = all.map(([name, [type]]) =>
    Buffer.concat([cString(name), numbers(0), shorts(0), numbers(type), shorts(-1), numbers(-1), shorts(0)]),
  )
  const written = all.map(([, [, text]]) => Buffer.concat([numbers(Buffer.byteLength(text)), Buffer.from(text)]))
  return Buffer.concat([
    message('T', shorts(all.length), ...described),
    message('D', shorts(all.length), ...written),
    message('C', cString('SELECT 1')),
    READY,
  ])
}

function message(letter: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(letter), numbers(body.length + 4), body])
}

function numbers(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => buffer.writeInt32BE(value, 4 * index))
  return buffer
}

function shorts(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(2 * values.length)
  values.forEach((value, index) => buffer.writeInt16BE(value, 2 * index))
  return buffer
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`)
}
