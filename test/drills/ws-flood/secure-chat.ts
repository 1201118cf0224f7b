/** A chat over TLS with logins and a history; it forgets to push one message in ten. */
import {readFileSync} from 'node:fs'
import {createServer, type ServerOptions} from 'node:https'
import {once} from 'node:events'
import type {AddressInfo} from 'node:net'
import {fileURLToPath} from 'node:url'
import {WebSocketServer, type WebSocket} from 'ws'

const FOLDER = new URL('../../fixtures/tls/', import.meta.url)

/** Path of a test certificate or key. */
export const pemFile = (name: string): string => fileURLToPath(new URL(name, FOLDER))
const pem = (name: string): Buffer => readFileSync(new URL(name, FOLDER))

export interface SecureChat extends AsyncDisposable {
  readonly port: number
  /** Sub-requests that came: logins and history pages. */
  readonly asked: {logins: number; pages: number}
}

/** Behind the server's certificate; `clients` asks for one of the test authority. */
export async function secureChat({clients = false, lossy = false} = {}): Promise<SecureChat> {
  const asked = {logins: 0, pages: 0}
  const rooms = new Map<string, {readonly inside: Set<WebSocket>; readonly said: string[]}>()
  const options: ServerOptions = {
    cert: pem('server.pem'),
    key: pem('server.key'),
    ...(clients && {ca: pem('ca.pem'), requestCert: true, rejectUnauthorized: true}),
  }
  const server = createServer(options, (request, response) => {
    request.resume()
    const [, first, room = ''] = (request.url ?? '').split('/')
    if (first === 'login') asked.logins++
    else asked.pages++
    response.end(first === 'login' ? JSON.stringify({token: 'let-me-in'}) : JSON.stringify(rooms.get(room)?.said ?? []))
  })
  const sockets = new WebSocketServer({server})
  let said = 0
  sockets.on('connection', (socket, request) => {
    if (!request.url?.includes('token=let-me-in')) return socket.close(4401)
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const {type, room: name, id, text} = JSON.parse(data.toString()) as Record<string, string>
      const room = rooms.get(name ?? '') ?? {inside: new Set<WebSocket>(), said: []}
      rooms.set(name ?? '', room)
      if (type === 'join') {
        room.inside.add(socket)
        socket.on('close', () => room.inside.delete(socket))
        socket.send(JSON.stringify({type: 'joined'}))
      } else if (type === 'message') {
        room.said.push(text ?? '')
        const forgotten = lossy && ++said % 10 === 0
        if (!forgotten) for (const member of room.inside) member.send(JSON.stringify({type: 'message', text}))
        socket.send(JSON.stringify({type: 'ack', id}))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
