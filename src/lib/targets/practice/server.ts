/** The node's one port: HTTP requests go to the routes, upgrades at /ws become members. */
import {once} from 'node:events'
import {createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {Duplex} from 'node:stream'
import type {ChatNode} from './chat-node.js'
import {LISTEN_BACKLOG, MAX_BODY_BYTES} from './limits.js'
import {TooLarge} from './replies.js'
import {decoded, isName} from './requests.js'
import {Routes} from './routes.js'

const HOST = '127.0.0.1'
const WEBSOCKET_PATH = '/ws'

/** Resolves once the port is open; rejects when it is taken. */
export async function listen(node: ChatNode, port: number): Promise<Server> {
  const routes = new Routes(node)
  const server = createServer((request, response) => {
    if (!stream(node, request, response)) void respond(routes, request, response)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrade(node, {request, socket, head})
  })
  server.listen({host: HOST, port, backlog: LISTEN_BACKLOG})
  await once(server, 'listening')
  return server
}

/** Whether it is an event stream that is asked for: `GET /rooms/ROOM/events?user=NAME`. */
function stream(node: ChatNode, {method, url = ''}: IncomingMessage, response: ServerResponse): boolean {
  const room = /^\/rooms\/([^/?]+)\/events(\?|$)/.exec(url)?.[1]
  if (method !== 'GET' || room === undefined) return false
  const user = new URLSearchParams(url.slice(url.indexOf('?'))).get('user')
  const name = decoded(room)
  if (!isName(user) || !isName(name)) response.writeHead(400).end()
  else if (node.defects.refusesHandshake?.() === true) response.writeHead(503).end()
  else node.stream(response, user, name)
  return true
}

interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

function upgrade(node: ChatNode, {request, socket, head}: Upgrade): void {
  const user = userOf(request.url ?? '')
  if (user === undefined) return refuse(node, socket, 404)
  if (!isName(user)) return refuse(node, socket, 400)
  if (node.defects.refusesHandshake?.() === true) return refuse(node, socket, 503)
  node.welcome(request, head, user)
}

/** The user of `/ws?user=NAME`; undefined for any other path. */
function userOf(url: string): string | undefined {
  const question = url.indexOf('?')
  const path = question < 0 ? url : url.slice(0, question)
  if (path !== WEBSOCKET_PATH) return undefined
  return new URLSearchParams(question < 0 ? '' : url.slice(question)).get('user') ?? ''
}

function refuse(node: ChatNode, socket: Duplex, status: 400 | 404 | 503): void {
  node.counts.handshakesRefused++
  socket.on('error', () => socket.destroy())
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
  // A client that never closes its own side must not hold a descriptor of ours.
  socket.end(head, () => socket.destroy())
}

async function respond(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = await routes.reply({
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    body: () => bodyOf(request),
  })
  const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
  response.writeHead(reply.status, {'content-type': reply.type ?? 'application/json'}).end(text)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new TooLarge(MAX_BODY_BYTES)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
