/** A chat in this process that speaks fixtures/protocols/json.yaml: whoever joins a room gets what is said there, and each message is acked. */
import {once} from 'node:events'
import type {AddressInfo} from 'node:net'
import {WebSocketServer, type WebSocket} from 'ws'
import {profileFor} from '../../src/lib/targets/profile/load-profile.js'
import {checkHosts} from '../../src/lib/targets/safety/allow-list.js'
import type {Target} from '../../src/lib/targets/target.js'

export interface SmallChat extends AsyncDisposable {
  readonly target: Target
  /** Connections in each room. */
  readonly rooms: ReadonlyMap<string, ReadonlySet<WebSocket>>
}

export async function smallChat(): Promise<SmallChat> {
  const rooms = new Map<string, Set<WebSocket>>()
  const sockets = new WebSocketServer({port: 0, host: '127.0.0.1'})
  await once(sockets, 'listening')
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const {type, room: name = '', id, text} = JSON.parse(data.toString()) as Record<string, string>
      const room = rooms.get(name) ?? new Set()
      rooms.set(name, room)
      if (type === 'join') {
        room.add(socket)
        socket.on('close', () => room.delete(socket))
        socket.send('{"type":"joined"}')
      } else if (type === 'message') {
        for (const member of room) member.send(JSON.stringify({type: 'message', text}))
        socket.send(JSON.stringify({type: 'ack', id}))
      }
    })
  })
  const urls = [`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`]
  return {
    rooms,
    target: {
      kind: 'external',
      description: 'small chat',
      urls,
      profile: await profileFor({protocol: 'json', targets: urls}),
      headers: {},
      tls: {insecure: false},
      allowed: await checkHosts(urls, {allowHosts: [], allowProduction: false}),
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      await new Promise((resolve) => sockets.close(resolve))
    },
  }
}
