/** A Redis that keeps keys which it is told to delete: a relay before a good one, for the defect stale-cache. */
import {once} from 'node:events'
import {connect, createServer, type AddressInfo, type Server, type Socket} from 'node:net'
import {seededRandom} from '../../../base/random.js'
import type {Share} from '../../../base/units.js'
import {RequestCutter, requestOf, type RedisRequest} from './requests-of-redis.js'

/** They answer how many of the keys there are, as EXISTS does. */
const DELETES = /^(del|unlink)$/i

export interface Relay extends AsyncDisposable {
  readonly url: string
}

/** Rejects when it cannot listen. */
export async function startForgetlessRedis(url: string, share: Share, seed: string): Promise<Relay> {
  const {hostname, port} = new URL(url)
  const random = seededRandom(seed)
  const passedOn = (request: RedisRequest): Buffer => {
    const [command, ...keys] = request.words
    const keeps = command !== undefined && DELETES.test(command.toString('latin1')) && random.next() < share
    return keeps ? requestOf(['EXISTS', ...keys]) : request.bytes
  }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const cutter = new RequestCutter()
    client.on('data', (chunk: Buffer) => {
      for (const request of cutter.add(chunk)) upstream.write(passedOn(request))
    })
    upstream.pipe(client)
    endTogether(client, upstream, sockets)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => close(server, sockets),
  }
}

function endTogether(client: Socket, upstream: Socket, sockets: Set<Socket>): void {
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    sockets.add(one)
    one.on('error', () => undefined)
    one.on('close', () => {
      sockets.delete(one)
      other.destroy()
    })
  }
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  for (const socket of sockets) socket.destroy()
  await closed
}
