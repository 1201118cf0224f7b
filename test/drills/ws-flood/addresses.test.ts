/** A name with several addresses: users are sent to all that answer, in turn, and from all addresses of ours. */
import {createServer} from 'node:http'
import {once} from 'node:events'
import type {AddressInfo, Socket} from 'node:net'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {WebSocketServer, type WebSocket} from 'ws'
import {checkHosts} from '../../../src/lib/targets/safety/allow-list.js'
import {profileFor} from '../../../src/lib/targets/profile/load-profile.js'
import type {Target} from '../../../src/lib/targets/target.js'
import {flood, smallFlood} from './fixture.js'

/** Only Linux answers on all of 127.0.0.0/8. */
const onLinux = describe.runIf(process.platform === 'linux')

interface Chat extends AsyncDisposable {
  readonly port: number
  /** Connections by `from > to`. */
  readonly connected: Record<string, number>
}

/** One chat that listens on one port of several addresses. */
async function chatAt(...addresses: string[]): Promise<Chat> {
  const rooms = new Map<string, Set<WebSocket>>()
  const connected: Record<string, number> = {}
  const sockets = new WebSocketServer({noServer: true})
  sockets.on('connection', (socket: WebSocket, request: {socket: Socket}) => {
    const {remoteAddress = '', localAddress = ''} = request.socket
    socket.on('message', (data: Buffer) => {
      const {type, room: name = '', id, text} = JSON.parse(data.toString()) as Record<string, string>
      const room = rooms.get(name) ?? new Set()
      rooms.set(name, room)
      if (type === 'join') {
        const route = `${remoteAddress} > ${localAddress}`
        connected[route] = (connected[route] ?? 0) + 1
        room.add(socket)
        socket.on('close', () => room.delete(socket))
        socket.send('{"type":"joined"}')
      } else if (type === 'message') {
        for (const member of room) member.send(JSON.stringify({type: 'message', text}))
        socket.send(JSON.stringify({type: 'ack', id}))
      }
    })
  })
  const servers = addresses.map(() =>
    createServer().on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (ready) => sockets.emit('connection', ready, request))
    }),
  )
  let port = 0
  for (const [index, server] of servers.entries()) {
    server.listen(port, addresses[index])
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  return {
    port,
    connected,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
}

async function targetAt(port: number, ...addresses: string[]): Promise<Target> {
  const urls = [`ws://chat.example:${port}`]
  const lookup = (): Promise<string[]> => Promise.resolve(addresses)
  const allowed = await checkHosts(urls, {allowHosts: ['chat.example'], allowProduction: false}, lookup)
  const profile = await profileFor({protocol: 'json', targets: urls})
  return {kind: 'external', description: 'chat', urls, profile, headers: {}, tls: {insecure: false}, allowed}
}

onLinux('a name with several addresses (Linux only: nothing else answers on all of 127.0.0.0/8)', () => {
  let chat: Chat

  beforeEach(async () => {
    chat = await chatAt('127.0.0.2', '127.0.0.3')
  })
  afterEach(async () => {
    await chat[Symbol.asyncDispose]()
  })

  it('is used at all of them, each by as many users, and from each address of ours', async () => {
    const target = await targetAt(chat.port, '127.0.0.2', '127.0.0.3')
    const sourceAddresses = ['127.0.0.8', '127.0.0.9']
    const {facts, failed} = await flood(await smallFlood({profile: target.profile, sourceAddresses}), target, [
      'p99(delivery_latency) < 20s',
    ])
    expect(failed).toEqual([])
    // One more at each address is the knock before the load.
    expect(chat.connected).toEqual({
      '127.0.0.8 > 127.0.0.2': 16,
      '127.0.0.8 > 127.0.0.3': 16,
      '127.0.0.9 > 127.0.0.2': 15,
      '127.0.0.9 > 127.0.0.3': 15,
    })
    expect(facts.evidence['silentAddresses']).toEqual([])
  })

  it('is not used where nobody listens, and that is told', async () => {
    const target = await targetAt(chat.port, '127.0.0.2', '127.0.0.4', '127.0.0.3')
    const {facts, failed} = await flood(await smallFlood({profile: target.profile}), target, [
      'p99(delivery_latency) < 20s',
    ])
    expect(failed).toEqual([])
    const byAddress = Object.entries(chat.connected).map(([route, count]) => [route.split(' > ')[1], count])
    expect(byAddress).toEqual(
      expect.arrayContaining([
        ['127.0.0.2', 31],
        ['127.0.0.3', 31],
      ]),
    )
    expect(facts.evidence['silentAddresses']).toEqual(['chat.example at 127.0.0.4'])
  })

  it('is told to be no use when nobody listens at any', async () => {
    const target = await targetAt(chat.port, '127.0.0.5', '127.0.0.6')
    await expect(flood(await smallFlood({profile: target.profile}), target)).rejects.toThrow(
      /^ws:\/\/chat\.example:\d+ at 127\.0\.0\.[56] cannot be used: ECONNREFUSED/,
    )
  })
})

it('an address of ours that this machine does not have is a usage error', async () => {
  const target = await targetAt(9, '127.0.0.1')
  const input = await smallFlood({profile: target.profile, sourceAddresses: ['192.0.2.1']})
  await expect(flood(input, target)).rejects.toThrow('--source-address 192.0.2.1 is not an address of this machine')
})
