/** The control API over HTTP: finds the route, keeps changes in order, and writes answers and errors as Toxiproxy does. */
import {randomBytes} from 'node:crypto'
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {formatAddress} from '../address.js'
import type {Directory} from '../directory.js'
import {resolveListen} from '../listener.js'
import {onFreePort} from '../ports.js'
import {ApiError, badBody} from './errors.js'
import {type Answer, ROUTES} from './routes.js'

const LONGEST_BODY = 1024 * 1024
const PLAIN = {'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff'}

export interface Api {
  /** `http://127.0.0.1:21474`. */
  readonly url: string
  close(): void
}

/** Listens at `host:port`, or on a free port of loopback. Throws an ApiError, or the system's error when it cannot listen. */
export async function openApi(directory: Directory, address = ''): Promise<Api> {
  const {host, port} = await resolveListen(address)
  const listen = (chosen: number) => listenOn(directory, host, chosen)
  const server = await (port === 0 ? onFreePort(listen) : listen(port))
  return {
    url: `http://${formatAddress({host, port: (server.address() as AddressInfo).port})}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function listenOn(directory: Directory, host: string, port: number): Promise<Server> {
  const inTurn = turns()
  const server = createServer((request, response) => void answer({directory, inTurn}, request, response))
  // A client may keep its connection for as long as a run takes, so that no fault can keep it out.
  server.keepAliveTimeout = 0
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({host, port, exclusive: true}, () => {
      server.off('error', reject).on('error', () => undefined)
      resolve(server)
    })
  })
}

type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Lets one piece of work begin when the one before has ended, however that ended. */
function turns(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }
}

interface Ground {
  readonly directory: Directory
  readonly inTurn: InTurn
}

async function answer({directory, inTurn}: Ground, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await readBody(request)
    // What is read does not wait for what is changed.
    const work = () => respond(directory, request, body)
    const found = await (request.method === 'GET' ? work() : inTurn(work))
    if (found === undefined) {
      notFound(request, response)
      return
    }
    response.setHeader('x-toxiproxy-request-id', randomBytes(10).toString('hex'))
    write(response, found)
  } catch (error) {
    writeError(response, error)
  }
}

async function respond(directory: Directory, request: IncomingMessage, body: string): Promise<Answer | undefined> {
  const route = routeOf(request)
  const handler = ROUTES[route?.path ?? '']?.[request.method ?? '']
  if (route === undefined || handler === undefined) return undefined
  // A page in a browser must not be able to reach us, by DNS rebinding or otherwise.
  if (request.headers['user-agent']?.startsWith('Mozilla/') === true)
    return {status: 403, text: 'User agent not allowed\n'}
  return handler({directory, body, proxy: route.proxy, toxic: route.toxic})
}

interface Route {
  readonly path: string
  readonly proxy: string
  readonly toxic: string
}

/** Names in a path may be encoded. */
const PATH = /^\/(?<first>[^/]+)(?:\/(?<proxy>[^/]+)(?:\/(?<toxics>toxics)(?:\/(?<toxic>[^/]+))?)?)?$/

/** Undefined when no route has this shape. */
function routeOf(request: IncomingMessage): Route | undefined {
  const [path = ''] = (request.url ?? '').split('?', 1)
  const {first, proxy, toxics, toxic} = PATH.exec(path)?.groups ?? {}
  const places = [first, proxy && '{proxy}', toxics, toxic && '{toxic}'].filter((place) => place !== undefined)
  const route = `/${places.join('/')}`
  return route in ROUTES ? {path: route, proxy: decoded(proxy), toxic: decoded(toxic)} : undefined
}

function decoded(segment = ''): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > LONGEST_BODY) throw badBody(`longer than ${LONGEST_BODY} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function write(response: ServerResponse, {status, json, text}: Answer): void {
  if (json === undefined && text === undefined) {
    response.writeHead(status).end()
    return
  }
  const type =
    json === undefined ? (status < 300 ? {'content-type': 'application/json;charset=utf-8'} : PLAIN) : undefined
  response.writeHead(status, type ?? {'content-type': 'application/json'}).end(text ?? JSON.stringify(json))
}

/** A known path with another verb is 405, and empty. */
function notFound(request: IncomingMessage, response: ServerResponse): void {
  if (routeOf(request) === undefined) response.writeHead(404, PLAIN).end('404 page not found\n')
  else response.writeHead(405).end()
}

function writeError(response: ServerResponse, error: unknown): void {
  const status = error instanceof ApiError ? error.status : 500
  const text = error instanceof Error ? error.message : String(error)
  response.setHeader('x-toxiproxy-request-id', randomBytes(10).toString('hex'))
  response.writeHead(status, PLAIN).end(`${JSON.stringify({error: text, status})}\n`)
}
