/** Tokens are there before their users connect, so that no login counts as connecting; one that has run out is fetched anew. */
import {createServer, type Server} from 'node:http'
import {once} from 'node:events'
import {generateKeyPairSync, verify} from 'node:crypto'
import type {AddressInfo} from 'node:net'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {WebSocketServer, type WebSocket} from 'ws'
import type {Auth} from '../../../src/lib/targets/auth/schema.js'
import {profileFor} from '../../../src/lib/targets/profile/load-profile.js'
import {checkHosts} from '../../../src/lib/targets/safety/allow-list.js'
import type {Target} from '../../../src/lib/targets/target.js'
import {flood, smallFlood} from './fixture.js'

/** A chat that lets in whoever has a token that it takes, and a slow login desk. */
let server: Server
let sockets: WebSocketServer
let logins: number
let accepts: (token: string) => boolean
let tokens: string[]
/** How long a token is good. */
let lifeMs: number

beforeEach(async () => {
  ;[logins, tokens, lifeMs, accepts] = [0, [], Infinity, () => true]
  const rooms = new Map<string, Set<WebSocket>>()
  server = createServer((request, response) => {
    request.resume()
    const token = `t${++logins}.${lifeMs === Infinity ? Infinity : performance.now() + lifeMs}`
    setTimeout(() => response.end(JSON.stringify({token})), 150)
  })
  sockets = new WebSocketServer({server})
  sockets.on('connection', (socket, request) => {
    const token = new URL(request.url ?? '', 'ws://x').searchParams.get('token') ?? ''
    tokens.push(token)
    if (!accepts(token)) return socket.close(4401)
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
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(async () => {
  for (const socket of sockets.clients) socket.terminate()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function floodWith(auth: Auth, durationMs = 1500) {
  const urls = [`ws://127.0.0.1:${(server.address() as AddressInfo).port}`]
  const profile = {...(await profileFor({protocol: 'json', targets: urls})), auth}
  const allowed = await checkHosts(urls, {allowHosts: [], allowProduction: false})
  const target: Target = {
    kind: 'external',
    description: 'chat',
    urls,
    profile,
    headers: {},
    tls: {insecure: false},
    allowed,
  }
  return flood(await smallFlood({profile, durationMs, workers: 2}), target, ['p99(delivery_latency) < 20s'])
}

const byRequest: Auth = {mode: 'request', url: '/login', tokenAt: 'token', rate: '200/s'}

test('logins come before the ramp, each user once', async () => {
  const {failed, facts} = await floodWith(byRequest)
  expect(failed).toEqual([])
  // One more is the knock before the load.
  expect([logins, facts.measurements.total('logins')]).toEqual([61, 60])
  expect(facts.phases.map(({name}) => name)).toEqual(['set-up', 'ramp', 'steady', 'drain'])
  expect(new Set(tokens).size).toBe(61)
})

test('a user that comes back after its token ran out has a fresh one', {timeout: 60_000}, async () => {
  lifeMs = 6000
  accepts = (token) => Number(token.split('.')[1]) > performance.now()
  const cutting = setInterval(() => {
    for (const socket of sockets.clients) socket.terminate()
  }, 8000)
  const {facts} = await floodWith({...byRequest, expiresIn: '6s'}, 11_000)
  clearInterval(cutting)
  expect(facts.measurements.total('reconnects')).toBeGreaterThanOrEqual(60)
  expect(facts.measurements.total('connection_errors')).toBe(0)
  expect(logins).toBeGreaterThanOrEqual(121)
})

test('RS256 signatures come before the ramp too, and are good', async () => {
  const {privateKey, publicKey} = generateKeyPairSync('rsa', {modulusLength: 2048})
  const key = privateKey.export({type: 'pkcs8', format: 'pem'}).toString()
  accepts = (token) => {
    const [head = '', body = '', signature = ''] = token.split('.')
    return verify('RSA-SHA256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, 'base64url'))
  }
  const {failed, facts} = await floodWith({mode: 'sign', algorithm: 'RS256', key})
  expect(failed).toEqual([])
  expect(facts.measurements.total('logins')).toBe(60)
})
