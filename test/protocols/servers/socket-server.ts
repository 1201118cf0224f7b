/** A WebSocket server on a free port of loopback, for protocols that a test speaks itself; it writes down what it hears. */
import type {AddressInfo} from 'node:net'
import {type WebSocket, WebSocketServer} from 'ws'
import type {ChatServer} from './flooding.js'
import {Rooms} from './rooms.js'

/** What one socket said. */
export interface Heard {
  /** Path and query, as asked for. */
  readonly url: string
  readonly subprotocols: string
  readonly frames: string[]
}

export interface Chat {
  readonly socket: WebSocket
  readonly url: string
  readonly rooms: Rooms<WebSocket>
}

export interface SocketServer extends ChatServer {
  /** In the order in which the sockets opened. */
  readonly heard: readonly Heard[]
}

/** `converse` is asked for each new socket and returns who hears its frames; `subprotocol` is what the server speaks. */
export async function servesSockets(
  converse: (chat: Chat) => (text: string) => void,
  subprotocol?: string,
): Promise<SocketServer> {
  const server = new WebSocketServer({host: '127.0.0.1', port: 0, handleProtocols: () => subprotocol ?? false})
  const rooms = new Rooms<WebSocket>()
  const heard: Heard[] = []
  server.on('connection', (socket, {url, headers}) => {
    const frames: string[] = []
    heard.push({url: url ?? '', subprotocols: headers['sec-websocket-protocol'] ?? '', frames})
    const hear = converse({socket, url: url ?? '', rooms})
    socket.on('error', () => undefined)
    socket.on('close', () => rooms.leave(socket))
    socket.on('message', (data: Buffer) => {
      frames.push(data.toString())
      hear(data.toString())
    })
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    heard,
    urls: [`ws://127.0.0.1:${(server.address() as AddressInfo).port}`],
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
