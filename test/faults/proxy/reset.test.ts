/** A reset is a reset and an end is an end on the other side of the proxy, as the kernel tells it (Node's events cannot: they show some resets as ends). */
import {type ChildProcessByStdio, spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {connect, type Socket} from 'node:net'
import {createInterface} from 'node:readline'
import type {Readable, Writable} from 'node:stream'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {ToxicRequest} from '../../../src/lib/faults/proxy/toxic.js'
import {listening, proxied} from './ground.js'

const PYTHON = spawnSync('python3', ['--version']).status === 0

/** Does what each line of stdin says: `call PORT` and `serve`; tells what recv() said until the connection ended. */
const PEER = `
import socket, sys, threading

def read(s):
  data = b''
  while True:
    try:
      part = s.recv(65536)
    except ConnectionResetError:
      return data.decode() + ' RST'
    if part == b'':
      return data.decode() + ' FIN'
    data += part

def say(*words):
  print(*words, flush=True)

def call(port):
  s = socket.create_connection(('127.0.0.1', port))
  s.settimeout(20)
  try:
    s.sendall(b'good day')
  except ConnectionResetError:
    return ' RST'
  return read(s)

def serve(listener):
  s, _ = listener.accept()
  s.settimeout(20)
  s.sendall(b'hello')
  say('served', read(s))

for line in sys.stdin:
  words = line.split()
  if words[0] == 'call':
    say('called', call(int(words[1])))
  else:
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen()
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    say('port', listener.getsockname()[1])
`

/** A process that reads sockets by the system's own calls. */
class Peer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #waiting = new Map<string, (rest: string) => void>()

  constructor() {
    this.#process = spawn('python3', ['-c', PEER], {stdio: ['pipe', 'pipe', 'inherit']})
    createInterface({input: this.#process.stdout}).on('line', (line) => {
      const [word = ''] = line.split(' ', 1)
      this.#waiting.get(word)?.(line.slice(word.length + 1))
    })
  }

  hears(word: 'called' | 'served' | 'port'): Promise<string> {
    return new Promise((resolve) => this.#waiting.set(word, resolve))
  }

  async call(port: number): Promise<string> {
    const heard = this.hears('called')
    this.#process.stdin.write(`call ${port}\n`)
    return heard
  }

  async serve(): Promise<number> {
    const heard = this.hears('port')
    this.#process.stdin.write('serve\n')
    return Number(await heard)
  }

  async end(): Promise<void> {
    this.#process.stdin.end()
    await once(this.#process, 'close')
  }
}

describe.skipIf(!PYTHON)('seen by a peer in Python (skipped where there is no python3)', () => {
  let peer: Peer
  beforeAll(() => void (peer = new Peer()))
  afterAll(() => peer.end())

  const latency = {type: 'latency', attributes: {latency: 20}} as const
  test.each<[string, (socket: Socket) => unknown, string, ToxicRequest[]]>([
    ['an end after data is an end', (socket) => socket.end('data'), 'data FIN', []],
    ['an end after data is an end, with latency', (socket) => socket.end('data'), 'data FIN', [latency]],
    ['a reset without data is a reset', (socket) => socket.resetAndDestroy(), ' RST', []],
    ['a reset with latency is a reset', (socket) => socket.resetAndDestroy(), ' RST', [latency]],
    ['a toxic reset is a reset', (socket) => socket.write('data'), ' RST', [{type: 'reset_peer'}]],
    [
      'a toxic reset after a while is a reset',
      (socket) => socket.write('data'),
      ' RST',
      [{type: 'reset_peer', attributes: {timeout: 30}}],
    ],
    [
      'a toxic limit is an end',
      (socket) => socket.write('data'),
      'da FIN',
      [{type: 'limit_data', attributes: {bytes: 2}}],
    ],
    [
      'a toxic timeout is an end',
      (socket) => socket.write('data'),
      ' FIN',
      [{type: 'timeout', attributes: {timeout: 30}}],
    ],
  ])('%s', async (_behaviour, answer, seen, toxics) => {
    await using server = await listening((socket) => socket.once('data', () => answer(socket)))
    await using proxy = await proxied(server.port)
    await proxy.put(...toxics)
    expect(await peer.call(proxy.port)).toBe(seen)
  })

  test('a reset that comes together with data is a reset, though Node shows it as an end', async () => {
    await using server = await listening((socket) =>
      socket.once('data', () => {
        socket.write('data')
        socket.resetAndDestroy()
      }),
    )
    await using proxy = await proxied(server.port)
    // Whether the data is read before the reset has come is a matter of luck, as it is without a proxy.
    for (let n = 0; n < 20; n++) expect((await peer.call(proxy.port)).replace('data', '')).toBe(' RST')
  })

  test('an upstream that nobody serves is a reset', async () => {
    await using proxy = await proxied(9)
    expect(await peer.call(proxy.port)).toBe(' RST')
  })

  test.each<[string, (socket: Socket) => unknown, string]>([
    ['an end', (socket) => socket.end('bye'), 'bye FIN'],
    ['a reset', (socket) => socket.resetAndDestroy(), ' RST'],
  ])('%s of the client is one for the server too', async (_behaviour, leave, seen) => {
    const served = peer.hears('served')
    await using proxy = await proxied(await peer.serve())
    const client = connect({port: proxy.port, host: '127.0.0.1'})
    await once(client, 'data')
    leave(client)
    expect(await served).toBe(seen)
  })

  test('a toxic reset is one for both sides', async () => {
    const served = peer.hears('served')
    await using proxy = await proxied(await peer.serve())
    await proxy.put({type: 'reset_peer'})
    expect(await peer.call(proxy.port)).toBe(' RST')
    expect((await served).replace('good day', '')).toBe(' RST')
  })
})
