/** Watching over TLS: the certificates of the command line count for every kind of server, and none is trusted without them. */
import {readFileSync} from 'node:fs'
import {createServer as createHttps} from 'node:https'
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net'
import {createServer as createTls, TLSSocket} from 'node:tls'
import {afterEach, describe, expect, test} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import {parseWatches} from '../../src/lib/watch/grammar.js'
import {startWatch} from '../../src/lib/watch/watch.js'

const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
const identity = {key: pem('server.key'), cert: pem('server.pem')}
const sockets = new Set<Socket>()
let server: Server | undefined

async function listen(made: Server): Promise<number> {
  server = made
  made.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  made.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  return (made.address() as AddressInfo).port
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined))
  server = undefined
})

async function watchWith(text: string, certificates: {readonly ca?: string; readonly insecure: boolean}) {
  const kit = {clock: new HostClock(), certificates, signal: new AbortController().signal}
  const watch = await startWatch(parseWatches([text]), kit)
  return (await watch.stop(kit.clock.now() - 1000)).systems[0]
}

const trusting = {ca: pem('ca.pem'), insecure: false}
const trustless = {insecure: false}
const careless = {insecure: true}
const advice = {hint: expect.stringContaining('--ca') as string, exitCode: 69}

const page = () => createHttps(identity, (_, response) => response.end('process_resident_memory_bytes 5\n'))

/** Answers INFO, and OK to all else. */
const redis = () =>
  createTls(identity, (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes: Buffer) => {
      for (const [, command] of bytes.toString().matchAll(/^\*\d+\r\n\$\d+\r\n(\w+)\r\n/gm)) {
        const info = 'connected_clients:3\r\n'
        socket.write(command?.toLowerCase() === 'info' ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n')
      }
    })
  })

/** Agrees to TLS as Postgres does, and says so that far it came: FATAL 3D000 with its own words. */
const postgres = () =>
  createServer((plain) => {
    plain.once('data', () => {
      plain.write('S')
      const socket = new TLSSocket(plain, {isServer: true, ...identity})
      socket.on('error', () => undefined)
      socket.once('data', () => {
        const fields = Buffer.from('SFATAL\0C3D000\0Mdatabase "chat" does not exist\0\0')
        const head = Buffer.alloc(5)
        head.write('E')
        head.writeInt32BE(fields.length + 4, 1)
        socket.end(Buffer.concat([head, fields]))
      })
    })
  })

describe.each([
  ['a page', 'https', page, 'memory_bytes'],
  ['a Redis', 'rediss', redis, 'connections'],
] as const)('%s', (_, scheme, make, resource) => {
  test('is trusted when its authority is given', async () => {
    const port = await listen(make())
    expect((await watchWith(`${scheme}://localhost:${port}`, trusting))?.resources).toHaveProperty(resource)
  })

  test('or when any certificate is accepted', async () => {
    const port = await listen(make())
    expect((await watchWith(`${scheme}://127.0.0.1:${port}`, careless))?.resources).toHaveProperty(resource)
  })

  test('and not otherwise', async () => {
    const port = await listen(make())
    await expect(watchWith(`${scheme}://localhost:${port}`, trustless)).rejects.toMatchObject(advice)
  })
})

describe('a Postgres', () => {
  const reached = {hint: 'check the database name in its URL'}

  test.each([
    ['is trusted when its authority is given', 'sslmode=verify-full', trusting, reached],
    ['also with the old way to ask for TLS', 'ssl=true', trusting, reached],
    ['or when any certificate is accepted', 'sslmode=verify-full', careless, reached],
    ['and not otherwise', 'sslmode=verify-full', trustless, advice],
  ])('%s', async (_, query, certificates, refusal) => {
    const port = await listen(postgres())
    await expect(watchWith(`postgres://me@localhost:${port}/chat?${query}`, certificates)).rejects.toMatchObject(
      refusal,
    )
  })
})
