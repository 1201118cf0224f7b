/** A proxy in this process in front of a server of the test, on real sockets. */
import {once} from 'node:events'
import {type AddressInfo, connect, createServer, type Server, type Socket} from 'node:net'
import {vi} from 'vitest'
import {Fleet} from '../../../src/lib/faults/proxy/carriers/fleet.js'
import {LocalCarrier} from '../../../src/lib/faults/proxy/carriers/local-carrier.js'
import {Directory} from '../../../src/lib/faults/proxy/directory.js'
import type {Toxic, ToxicRequest} from '../../../src/lib/faults/proxy/toxic.js'

/** Waits until a check holds, as long as a busy machine may take. */
export function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, {timeout: 15_000, interval: 10})
}

function toxic({type, stream = 'downstream', name = `${type}_${stream}`, ...rest}: ToxicRequest): Toxic {
  return {type, stream, name, toxicity: rest.toxicity ?? 1, attributes: rest.attributes ?? {}}
}

export interface Listening extends AsyncDisposable {
  readonly port: number
  /** Those that are open, oldest first. */
  readonly sockets: readonly Socket[]
}

/** A server whose sockets stay half-open when the other side ends. */
export async function listening(onSocket: (socket: Socket) => void): Promise<Listening> {
  const sockets: Socket[] = []
  const server: Server = createServer({allowHalfOpen: true}, (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.splice(sockets.indexOf(socket), 1))
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of [...sockets]) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export interface Proxied extends AsyncDisposable {
  readonly directory: Directory
  readonly port: number
  put(...toxics: ToxicRequest[]): Promise<void>
}

export async function proxied(upstream: number | string, room = 1000): Promise<Proxied> {
  const fleet = new Fleet([new LocalCarrier('seed')], room)
  const directory = new Directory(fleet)
  const address = typeof upstream === 'number' ? `127.0.0.1:${upstream}` : upstream
  const proxy = await directory.create({name: 'link', listen: '', upstream: address, enabled: true})
  return {
    directory,
    port: Number(proxy.state.listen.split(':')[1]),
    put: (...toxics) => proxy.put(toxics.map(toxic)),
    async [Symbol.asyncDispose]() {
      await directory.close()
      fleet.stop()
    },
  }
}

/** A client that gathers what comes. */
export interface Caller extends Disposable {
  readonly socket: Socket
  /** What came so far. */
  text(): string
  /** `open`, `ended` (the other side sent its last byte), `closed`, or an error code. */
  state(): string
}

export function call(port: number, first = ''): Caller {
  const socket = connect({port, host: '127.0.0.1', allowHalfOpen: true})
  const chunks: Buffer[] = []
  let state = 'open'
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('end', () => (state = 'ended'))
  socket.on('error', (error: NodeJS.ErrnoException) => (state = error.code ?? error.message))
  socket.on('close', (failed) => {
    if (!failed && state === 'open') state = 'closed'
  })
  if (first !== '') socket.write(first)
  return {
    socket,
    text: () => Buffer.concat(chunks).toString(),
    state: () => state,
    [Symbol.dispose]: () => socket.destroy(),
  }
}
