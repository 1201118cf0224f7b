/** What is particular to the in-process Redis: its list, its refusals, its wire. */
import {once} from 'node:events'
import {connect} from 'node:net'
import {Redis} from 'ioredis'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {COMMANDS} from '../../../src/lib/targets/embedded/fallback-redis/commands.js'
import {globTest} from '../../../src/lib/targets/embedded/fallback-redis/glob.js'
import {startRedis, type RedisService} from '../../../src/lib/targets/embedded/redis.js'
import {CONTRACT} from './redis-contract.js'

let service: RedisService
let clients: Redis[] = []

beforeAll(async () => {
  service = await startRedis({prefer: 'fallback'})
})

afterEach(() => {
  for (const client of clients) client.disconnect()
  clients = []
})

afterAll(() => service[Symbol.asyncDispose]())

function join(): Redis {
  const client = new Redis(service.url, {maxRetriesPerRequest: 0})
  clients.push(client)
  return client
}

/** Sends raw bytes and reads until the answer ends so, or the server closes. */
async function talk(bytes: string, untilText: string): Promise<string> {
  const socket = connect(service.port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
    if (answer.endsWith(untilText)) socket.destroy()
  })
  socket.write(bytes, 'latin1')
  await once(socket, 'close')
  return answer
}

const ON_WIRE = ['quit', 'unsubscribe']
const IN_SCENES = ['subscribe', 'psubscribe', 'punsubscribe', 'info', 'command', 'unwatch']

test('every command on the list stands in the contract', () => {
  const written = new Set(CONTRACT.flatMap(([, ...commands]) => commands.map((command) => command.split(' ')[0])))
  const untried = [...COMMANDS.keys()].filter((name) => !written.has(name))
  expect(untried.filter((name) => ![...ON_WIRE, ...IN_SCENES, 'time'].includes(name))).toEqual([])
})

test('every command on the list is done', async () => {
  const client = join()
  for (const {name, arity} of COMMANDS.values()) {
    if (['quit', 'subscribe', 'psubscribe', 'blpop', 'brpop', 'blmove', 'brpoplpush'].includes(name)) continue
    const args = Array.from({length: Math.abs(arity) - 1}, () => '0')
    const failure = await client.call(name, ...args).then(
      () => '',
      (error: unknown) => (error as Error).message,
    )
    expect(failure, name).not.toMatch(/could not|failed|unknown command/)
    await client.call('discard').catch(() => undefined)
  }
})

describe('what needs a real server is refused by name', () => {
  test.each(['XGROUP', 'XADD', 'ACL', 'CONFIG', 'HELLO', 'MONITOR', 'GEOADD', 'OBJECT', 'DEBUG', 'FUNCTION', 'WAIT'])(
    '%s',
    async (name) => {
      await expect(join().call(name, 'a', 'b')).rejects.toThrow(
        `ERR ${name} is not offered by the in-process Redis: it needs a real redis-server`,
      )
    },
  )

  test('CLIENT TRACKING and SCRIPT KILL, subcommands of commands that are offered', async () => {
    await expect(join().call('CLIENT', 'TRACKING', 'on')).rejects.toThrow('CLIENT TRACKING is not offered')
    await expect(join().call('SCRIPT', 'KILL')).rejects.toThrow('SCRIPT KILL is not offered')
  })
})

describe('on the wire', () => {
  test('QUIT is answered before the connection closes', async () => {
    expect(await talk('*1\r\n$4\r\nQUIT\r\n', 'never')).toBe('+OK\r\n')
  })

  test('commands may come in pieces and in one piece', async () => {
    const socket = connect(service.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    for (const piece of ['*2\r\n$4\r\nEC', 'HO\r\n$2\r\nhi', '\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n']) {
      await new Promise((resolve) => socket.write(piece, resolve))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await once(socket, 'close')
    expect(answer).toBe('$2\r\nhi\r\n+PONG\r\n+OK\r\n')
  })

  test('nonsense gets an error and the door', async () => {
    expect(await talk('GET / HTTP/1.1\r\n\r\n', 'never')).toMatch(/^-ERR Protocol error/)
    expect(await talk(':1\r\n', 'never')).toMatch(/^-ERR Protocol error/)
  })

  test('UNSUBSCRIBE without names answers once, also for nobody', async () => {
    const none = '*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n'
    expect(await talk('*1\r\n$11\r\nUNSUBSCRIBE\r\n', none)).toBe(none)
  })

  test('a client that kills itself still gets its answer', async () => {
    const client = join()
    const [id, closed] = [await client.client('ID'), once(client, 'close')]
    expect(await client.client('KILL', 'ID', id, 'SKIPME', 'no')).toBe(1)
    await closed
  })
})

describe('clients', () => {
  test('a killed client that waited in a blocking pop takes nothing', async () => {
    const [waiter, killer] = [join(), join()]
    const [id, waits] = [await waiter.client('ID'), waiter.blpop('queue', 0).catch(() => 'cut off')]
    while (!String(await killer.client('LIST')).includes('flags=b')) await killer.ping()
    await killer.client('KILL', 'ID', id)
    await killer.rpush('queue', 'kept')
    expect([await waits, await killer.lrange('queue', 0, -1)]).toEqual(['cut off', ['kept']])
  })

  test('INFO tells of clients, channels and keys', async () => {
    const [asker, subscriber] = [join(), join()]
    await subscriber.subscribe('room')
    await asker.flushall()
    await asker.set('a', 1, 'EX', 100)
    const info = await asker.info()
    expect(info).toContain('redis_mode:standalone')
    expect(info).toContain('connected_clients:2')
    expect(info).toContain('pubsub_channels:1')
    expect(info).toContain('db0:keys=1,expires=1')
    expect(await asker.info('memory')).toMatch(/^# Memory\r\nused_memory:\d+/)
  })

  test('every one of many subscribers gets every message, in order', async () => {
    const publisher = join()
    const subscribers = Array.from({length: 10}, join)
    const seen = subscribers.map(() => [] as number[])
    await Promise.all(subscribers.map((subscriber) => subscriber.subscribe('room')))
    for (const [index, subscriber] of subscribers.entries()) {
      subscriber.on('message', (_: string, text: string) => seen[index]?.push(Number(text)))
    }
    const sent = Array.from({length: 2000}, (_, n) => n)
    const counts = await Promise.all(sent.map((n) => publisher.publish('room', String(n))))
    while (seen.some((numbers) => numbers.length < sent.length)) await publisher.ping()
    expect(new Set(counts)).toEqual(new Set([10]))
    expect(seen).toEqual(subscribers.map(() => sent))
  })
})

test.each([
  ['*', 'anything', true],
  ['h?llo', 'hello', true],
  ['h?llo', 'hllo', false],
  ['h[ae]llo', 'hallo', true],
  ['h[^e]llo', 'hello', false],
  ['h[a-c]llo', 'hbllo', true],
  [String.raw`h\*llo`, 'h*llo', true],
  [String.raw`h\*llo`, 'hello', false],
  ['a.c', 'abc', false],
  ['a+(b)|{c}^$', 'a+(b)|{c}^$', true],
  ['line*', 'line\nbreak', true],
  ['[', '[', true],
  ['', 'a', false],
])('the glob %j on %j: %j', (pattern, text, matches) => {
  expect(globTest(pattern)(text)).toBe(matches)
})
