import {createHash} from 'node:crypto'
import {createServer, type AddressInfo, type Socket} from 'node:net'
import {afterEach, describe, expect, it, test} from 'vitest'
import type {ClientOptions} from 'ws'
import {closingOf, dial, hasEnded, hasEntered, PROTOCOL, type TestUser} from './listening-line.js'
import {textFrame} from './raw-server.js'

const opened: AsyncDisposable[] = []

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

/** Answers the first request with what `answer` makes of it, then leaves the socket to `after`. */
async function serverThat(
  answer: (key: string) => Buffer | string,
  after: (socket: Socket) => unknown = () => undefined,
) {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    let head = ''
    socket.on('data', (chunk: Buffer) => {
      if (head.endsWith('\r\n\r\n')) return
      head += chunk.toString('latin1')
      if (!head.endsWith('\r\n\r\n')) return
      requests.push(head)
      socket.write(answer(/sec-websocket-key: *(\S+)/i.exec(head)?.[1] ?? ''))
      after(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  return {port: (server.address() as AddressInfo).port, requests}
}

function dialled(url: string, options?: ClientOptions, protocol = PROTOCOL): TestUser {
  const user = dial(url, protocol, options)
  opened.push(closingOf(user))
  return user
}

function agreement(key: string, more = ''): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  return `HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\nSEC-WEBSOCKET-ACCEPT: ${accept}\r\n${more}\r\n`
}

describe('the opening handshake', () => {
  it('takes frames that came in one packet with the agreement', async () => {
    const {port} = await serverThat((key) => Buffer.concat([Buffer.from(agreement(key)), textFrame('joined')]))
    const told = await dialled(`ws://127.0.0.1:${port}`).until(hasEntered)
    expect(told).toMatchObject({entered: 1, endings: []})
  })

  it.each([1, 20, 60])('takes an agreement that is cut after %d bytes', async (bytes) => {
    let rest = ''
    const {port} = await serverThat(
      (key) => {
        rest = agreement(key).slice(bytes)
        return agreement(key).slice(0, bytes)
      },
      (socket) => setImmediate(() => void socket.write(rest, () => socket.write(textFrame('joined')))),
    )
    expect(await dialled(`ws://127.0.0.1:${port}`).until(hasEntered)).toMatchObject({entered: 1, endings: []})
  })

  it('asks as RFC 6455 says, with what the URL and the options hold', async () => {
    const {port, requests} = await serverThat(() => 'HTTP/1.1 404 Not Found\r\n\r\n')
    const options = {headers: {Cookie: 'a=1', 'X-Tenant': 't'}}
    const url = `ws://us%20er:pa%3Ass@127.0.0.1:${port}/a b?q=ü`
    await dialled(url, options, {...PROTOCOL, subprotocols: ['one', 'two']}).until(hasEnded)
    const [first, ...headers] = (requests[0] ?? '').trimEnd().split('\r\n')
    expect(first).toBe('GET /a%20b?q=%C3%BC HTTP/1.1')
    expect(headers.map((line) => line.replace(/(?<=Key: ).{24}$/, '24 characters'))).toEqual([
      `Host: 127.0.0.1:${port}`,
      'Cookie: a=1',
      'X-Tenant: t',
      `Authorization: Basic ${Buffer.from('us er:pa:ss').toString('base64')}`,
      'Sec-WebSocket-Protocol: one,two',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: 24 characters',
      'Connection: Upgrade',
      'Upgrade: websocket',
    ])
  })

  it('lets headers of its own take the place of those that it would send', async () => {
    const {port, requests} = await serverThat(() => 'HTTP/1.1 404 Not Found\r\n\r\n')
    const headers = {host: 'chat.example', authorization: 'Bearer x'}
    await dialled(`ws://user:secret@127.0.0.1:${port}`, {headers}).until(hasEnded)
    expect(requests[0]).toContain('\r\nHost: chat.example\r\n')
    expect(requests[0]?.match(/^(host|authorization):.*$/gim)).toEqual([
      'Host: chat.example',
      'authorization: Bearer x',
    ])
  })

  it.each([
    ['a new line in a header', 'a\r\nX-Evil: 1'],
    ['a character that no header may hold', 'a\u0000'],
  ])('sends no request with %s', async (_, value) => {
    const {port, requests} = await serverThat(() => '')
    expect(() => dial(`ws://127.0.0.1:${port}`, PROTOCOL, {headers: {'X-Name': value}})).toThrow('X-Name')
    expect(requests).toEqual([])
  })
})

describe('an answer that is no agreement ends the attempt and says why', () => {
  test.each<[why: string, reason: string, answer: (key: string) => string]>([
    ['the service is busy', 'status-503', () => 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\nlater'],
    ['a status without a word', 'status-429', () => 'HTTP/1.1 429\r\n\r\n'],
    ['another protocol answers', 'not-http', () => '-ERR unknown command\r\n\r\n'],
    ['a head without an end', 'header-overflow', () => `HTTP/1.1 101 OK\r\n${'X: y\r\n'.repeat(3000)}`],
    ['no upgrade', 'invalid-upgrade-header', (key) => agreement(key).replace('WebSocket', 'h2c')],
    ['the key of somebody else', 'invalid-accept-header', () => agreement('another')],
    [
      'an extension that nobody asked for',
      'extension-not-requested',
      (key) => agreement(key, 'Sec-WebSocket-Extensions: permessage-deflate\r\n'),
    ],
    [
      'a subprotocol that nobody asked for',
      'subprotocol-not-requested',
      (key) => agreement(key, 'Sec-WebSocket-Protocol: chat\r\n'),
    ],
  ])('%s: %s', async (_, reason, answer) => {
    const {port} = await serverThat(answer)
    const {endings, entered} = await dialled(`ws://127.0.0.1:${port}`).until(hasEnded)
    expect(endings).toEqual([{stage: 'connecting', code: 1006, reason, refused: false}])
    expect(entered).toBe(0)
  })

  test('no subprotocol, though one was asked for', async () => {
    const {port} = await serverThat((key) => agreement(key))
    const user = dialled(`ws://127.0.0.1:${port}`, {}, {...PROTOCOL, subprotocols: ['chat']})
    expect((await user.until(hasEnded)).endings[0]?.reason).toBe('no-subprotocol-agreed')
  })

  test('the connection is reset before anything is said', async () => {
    const {port} = await serverThat(
      () => '',
      (socket) => socket.resetAndDestroy(),
    )
    expect((await dialled(`ws://127.0.0.1:${port}`).until(hasEnded)).endings[0]?.reason).toBe('ECONNRESET')
  })
})
