/** What clients and servers see through the proxy, on real sockets. */
import {describe, expect, test, vi} from 'vitest'
import type {ToxicRequest} from '../../../src/lib/faults/proxy/toxic.js'
import {call, eventually, listening, proxied} from './ground.js'

/** Says hello, and echoes. */
const polite = () =>
  listening((socket) => {
    socket.write('hello')
    socket.on('data', (chunk) => socket.write(chunk))
    socket.on('end', () => socket.end(' bye'))
  })

const latency = {type: 'latency', attributes: {latency: 20, jitter: 5}} as const

test.each<[string, ToxicRequest[]]>([
  ['no toxic', []],
  ['latency', [latency]],
  ['latency both ways', [latency, {...latency, stream: 'upstream'}]],
  ['a slicer', [{type: 'slicer', attributes: {average_size: 2, size_variation: 1, delay: 100}}]],
  ['a bandwidth', [{type: 'bandwidth', attributes: {rate: 10}}]],
  ['a slow close', [{type: 'slow_close', attributes: {delay: 10}}]],
  ['a limit that is not reached', [{type: 'limit_data', attributes: {bytes: 1000}}]],
  ['a toxicity of 0', [{type: 'reset_peer', toxicity: 0}]],
])('with %s every byte arrives, and an end of one side leaves the other open', async (_name, toxics) => {
  await using server = await polite()
  await using proxy = await proxied(server.port)
  await proxy.put(...toxics)
  using caller = call(proxy.port, ' good day')
  caller.socket.end(' to you')
  await eventually(() => expect(caller.state()).toBe('ended'))
  expect(caller.text()).toBe('hello good day to you bye')
})

describe('what a client sees of', () => {
  test.each<[string, ToxicRequest, string, string]>([
    ['a limit of 3 bytes: 3 bytes, then the end', {type: 'limit_data', attributes: {bytes: 3}}, 'hel', 'ended'],
    ['a limit of no byte: the end', {type: 'limit_data'}, '', 'ended'],
    ['a timeout: the end', {type: 'timeout', attributes: {timeout: 20}}, '', 'ended'],
    ['a reset: a reset', {type: 'reset_peer'}, '', 'ECONNRESET'],
    ['a reset after a while: a reset', {type: 'reset_peer', attributes: {timeout: 20}}, '', 'ECONNRESET'],
    ['a reset that its own bytes bring about', {type: 'reset_peer', stream: 'upstream'}, 'hello', 'ECONNRESET'],
  ])('%s', async (_behaviour, toxic, text, state) => {
    await using server = await polite()
    await using proxy = await proxied(server.port)
    await proxy.put(toxic)
    using caller = call(proxy.port)
    if (toxic.stream === 'upstream') await eventually(() => expect(caller.text()).toBe('hello'))
    caller.socket.write('.')
    await eventually(() => expect(caller.state()).not.toBe('open'))
    expect([caller.text(), caller.state()]).toEqual([text, state])
  })
})

describe('a toxic that is put on a connection that is open already', () => {
  test.each<[string, ToxicRequest, string]>([
    ['holds what comes until it is removed: a stalled bandwidth', {type: 'bandwidth'}, 'hello.'],
    ['holds what comes until it is removed: a long latency', {type: 'latency', attributes: {latency: 1e6}}, 'hello.'],
    ['holds what comes until it is removed: a far reset', {type: 'reset_peer', attributes: {timeout: 1e6}}, 'hello.'],
  ])('%s', async (_behaviour, toxic, text) => {
    await using server = await polite()
    await using proxy = await proxied(server.port)
    using caller = call(proxy.port)
    await eventually(() => expect(caller.text()).toBe('hello'))
    await proxy.put(toxic)
    using witness = call(proxy.port)
    caller.socket.write('.')
    // The echo has reached the proxy when the server has sent it, and what a later connection says came after.
    await eventually(() => expect(server.sockets.map(({bytesWritten}) => bytesWritten)).toEqual([6, 5]))
    expect([caller.text(), witness.text()]).toEqual(['hello', ''])
    await proxy.put()
    await eventually(() => expect([caller.text(), witness.text()]).toEqual([text, 'hello']))
    expect(caller.state()).toBe('open')
  })

  test('a black hole swallows what comes, is silent about ends, and closes when it is removed', async () => {
    await using server = await polite()
    await using proxy = await proxied(server.port)
    using caller = call(proxy.port)
    await eventually(() => expect(caller.text()).toBe('hello'))
    await proxy.put({type: 'timeout'}, {type: 'timeout', stream: 'upstream'})
    caller.socket.write('lost')
    for (const socket of server.sockets) socket.end('lost too')
    await eventually(async () => {
      expect((await proxy.directory.connections()).proxies['link']?.droppedBytes).toBe(12)
    })
    expect([caller.text(), caller.state()]).toEqual(['hello', 'open'])
    await proxy.put()
    await eventually(() => expect(caller.state()).not.toBe('open'))
  })
})

test('a proxy that is down closes its connections and refuses new ones, and comes back on the same port', async () => {
  await using server = await polite()
  await using proxy = await proxied(server.port)
  using before = call(proxy.port)
  await eventually(() => expect(before.text()).toBe('hello'))
  const found = proxy.directory.find('link')
  await found.change({...found.state, enabled: false})
  using during = call(proxy.port)
  await eventually(() => expect([before.state(), during.state()]).toEqual(['ended', 'ECONNREFUSED']))
  await eventually(() => expect(server.sockets).toEqual([]))
  await found.change({...found.state, enabled: true})
  using after = call(proxy.port)
  await eventually(() => expect(after.text()).toBe('hello'))
})

test('an upstream that cannot be reached is a reset, and counted', async () => {
  await using proxy = await proxied('127.0.0.1:9')
  using caller = call(proxy.port)
  await eventually(() => expect(caller.state()).toBe('ECONNRESET'))
  const {proxies} = await proxy.directory.connections()
  expect(proxies['link']).toEqual({open: 0, carried: 1, refused: 0, unreachable: 1, droppedBytes: 0})
})

test('a connection beyond what can be carried is reset and counted, and there is room again when one has gone', async () => {
  await using server = await polite()
  await using proxy = await proxied(server.port, 2)
  using first = call(proxy.port)
  using second = call(proxy.port)
  await eventually(() => expect([first.text(), second.text()]).toEqual(['hello', 'hello']))
  using third = call(proxy.port)
  await eventually(() => expect(third.state()).toBe('ECONNRESET'))
  expect((await proxy.directory.connections()).proxies['link']).toMatchObject({open: 2, carried: 2, refused: 1})
  first.socket.destroy()
  await eventually(async () => {
    expect((await proxy.directory.connections()).proxies['link']?.open).toBe(1)
  })
  using fourth = call(proxy.port)
  await eventually(() => expect(fourth.text()).toBe('hello'))
})

test('a client that reads slowly makes the server wait, and still gets every byte', async () => {
  const total = 32 * 1024 * 1024
  let written = 0
  await using server = await listening((socket) => {
    const chunk = Buffer.alloc(256 * 1024, 'x')
    const write = () => {
      while (written < total && !socket.writableNeedDrain) {
        written += chunk.length
        socket.write(chunk)
      }
      if (written === total) socket.end()
    }
    socket.on('drain', write)
    write()
  })
  await using proxy = await proxied(server.port)
  using caller = call(proxy.port)
  caller.socket.pause()
  let before = -1
  await vi.waitFor(
    () => {
      const now = written
      const stands = now === before && now > 0
      before = now
      expect(stands).toBe(true)
    },
    {timeout: 15_000, interval: 200},
  )
  expect(written).toBeLessThan(total)
  caller.socket.resume()
  await eventually(() => expect(caller.state()).toBe('ended'))
  expect(caller.text().length).toBe(total)
})

test('a toxicity is drawn for each connection, the same with the same seed', async () => {
  await using server = await polite()
  const drawn = async () => {
    await using proxy = await proxied(server.port)
    await proxy.put({type: 'limit_data', toxicity: 0.5})
    const states: string[] = []
    for (let n = 0; n < 20; n++) {
      using caller = call(proxy.port)
      await eventually(() => expect(caller.state() === 'ended' || caller.text() === 'hello').toBe(true))
      states.push(caller.text())
    }
    return states
  }
  const first = await drawn()
  expect(new Set(first)).toEqual(new Set(['', 'hello']))
  expect(await drawn()).toEqual(first)
})
