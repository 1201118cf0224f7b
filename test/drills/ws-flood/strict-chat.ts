/** A chat that lets into a room only its members, and knows only rooms that were made; it counts what was made and removed. */
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {once} from 'node:events'
import type {AddressInfo} from 'node:net'
import {WebSocketServer, type WebSocket} from 'ws'

export interface StrictChat extends AsyncDisposable {
  readonly url: string
  /** Requests that were carried out, by method and kind: `PUT room`. */
  readonly done: Record<string, number>
  readonly refusedJoins: () => number
  readonly rooms: () => number
  /** Answers in place of the chat, when it says something. */
  meddle: (request: string, count: number) => {readonly status: number; readonly text: string} | undefined
}

/** Speaks fixtures/protocols/json.yaml, and PUT and DELETE on /rooms/ROOM and /rooms/ROOM/members/USER. */
export async function strictChat(): Promise<StrictChat> {
  const rooms = new Map<string, {readonly members: Set<string>; readonly inside: Set<WebSocket>}>()
  const done: Record<string, number> = {}
  let refused = 0
  const isDone = (kind: string, name: string, user: string): boolean => {
    const room = rooms.get(name)
    if (kind === 'PUT room') return rooms.set(name, {members: new Set(), inside: new Set()}) === rooms
    if (kind === 'DELETE room') return room?.members.size === 0 && rooms.delete(name)
    if (kind === 'PUT member') return room?.members.add(user) !== undefined
    return kind === 'DELETE member' ? room?.members.delete(user) === true : kind.endsWith('run')
  }
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => carryOut(request, response))
  })
  const carryOut = (request: IncomingMessage, response: ServerResponse): void => {
    const [, first = '', room = '', , user] = (request.url ?? '').split('/')
    const kind = `${request.method ?? ''} ${first === 'runs' ? 'run' : user === undefined ? 'room' : 'member'}`
    const meddled = chat.meddle(kind, (done[kind] ?? 0) + 1)
    if (meddled) return void response.writeHead(meddled.status).end(meddled.text)
    if (!isDone(kind, room, user ?? '')) return void response.writeHead(404).end('not found')
    done[kind] = (done[kind] ?? 0) + 1
    response.writeHead(204).end()
  }
  const sockets = new WebSocketServer({server})
  sockets.on('connection', (socket, request) => {
    const user = new URL(request.url ?? '', 'ws://x').searchParams.get('user') ?? ''
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const said = JSON.parse(data.toString()) as {type: string; room: string; id: number; text: string}
      const room = rooms.get(said.room)
      if (said.type === 'join' && !room?.members.has(user)) {
        refused++
        socket.send(JSON.stringify({type: 'refused'}))
      } else if (said.type === 'join') {
        room?.inside.add(socket)
        socket.on('close', () => room?.inside.delete(socket))
        socket.send(JSON.stringify({type: 'joined'}))
      } else if (said.type === 'message') {
        for (const member of room?.inside ?? []) member.send(JSON.stringify({type: 'message', text: said.text}))
        socket.send(JSON.stringify({type: 'ack', id: said.id}))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const chat: StrictChat = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    done,
    refusedJoins: () => refused,
    rooms: () => rooms.size,
    meddle: () => undefined,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return chat
}
