/** A chat that leaves one member of each room out while it holds more users than it can carry. Speaks fixtures/protocols/json.yaml. */
import {once} from 'node:events'
import type {AddressInfo} from 'node:net'
import {type WebSocket, WebSocketServer} from 'ws'

interface Said {
  readonly type: string
  readonly room: string
  readonly id: number
  readonly text: string
}

export interface CrowdedServer extends AsyncDisposable {
  readonly url: string
  /** Most users that it ever held at the same time. */
  readonly most: () => number
}

export async function startCrowdedServer(carries: number): Promise<CrowdedServer> {
  const rooms = new Map<string, Set<WebSocket>>()
  let [users, most] = [0, 0]
  const broadcast = (room: Iterable<WebSocket>, frame: string): void => {
    const [, ...others] = room
    for (const member of users > carries ? others : room) member.send(frame)
  }
  const server = new WebSocketServer({host: '127.0.0.1', port: 0})
  server.on('connection', (socket) => {
    most = Math.max(most, ++users)
    let room = new Set<WebSocket>()
    socket.on('message', (data: Buffer) => {
      const said = JSON.parse(data.toString()) as Said
      if (said.type === 'join') {
        room = rooms.get(said.room) ?? room
        rooms.set(said.room, room.add(socket))
        socket.send(JSON.stringify({type: 'joined', room: said.room}))
      } else if (said.type === 'message') {
        socket.send(JSON.stringify({type: 'ack', id: said.id}))
        broadcast(room, JSON.stringify({type: 'message', text: said.text}))
      }
    })
    socket.on('close', () => {
      users--
      room.delete(socket)
    })
  })
  await once(server, 'listening')
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    most: () => most,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
