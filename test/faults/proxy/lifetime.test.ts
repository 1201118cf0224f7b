/** The proxies end with whoever started them, however that ends, and several processes share what one could not carry. */
import {execFile, spawn} from 'node:child_process'
import {once} from 'node:events'
import {connect} from 'node:net'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'
import {ProxyClient} from '../../../src/lib/faults/proxy/client.js'
import {startProxies} from '../../../src/lib/faults/proxy/start.js'
import {isRunning} from '../../load/processes.js'
import {call, eventually, listening} from './ground.js'

const DIST = fileURLToPath(new URL('../../../dist/lib/faults/proxy/start.js', import.meta.url))
/** Says where its proxies are, and stays. */
const STARTER = `
import {startProxies} from ${JSON.stringify(DIST)}
const {pids, listens} = await startProxies([{name: 'link', upstream: '127.0.0.1:9'}], {processes: 2})
console.log(JSON.stringify({pids, listens}))
setInterval(() => undefined, 1000)
`
const portOf = (address: string) => Number(address.split(':').at(-1))
const echo = () =>
  listening((socket) => {
    socket.on('data', (chunk) => socket.write(chunk))
    socket.on('end', () => socket.end())
  })

describe('no process stays behind', () => {
  test.each(['SIGKILL', 'SIGTERM'] as const)('when the starter ends by %s', async (signal) => {
    const starter = spawn(process.execPath, ['--input-type=module', '-e', STARTER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({input: starter.stdout}), 'line')) as [string]
    const {pids} = JSON.parse(line) as {pids: number[]}
    expect(pids.map(isRunning)).toEqual([true, true, true])
    starter.kill(signal)
    await eventually(() => expect(pids.map(isRunning)).toEqual([false, false, false]))
  })

  test('when the proxies are disposed of, with connections open', async () => {
    await using server = await echo()
    const proxies = await startProxies([{name: 'link', upstream: `127.0.0.1:${server.port}`}], {processes: 2})
    const callers = Array.from({length: 4}, () => call(portOf(proxies.listens['link'] ?? ''), 'hello'))
    await eventually(() => expect(callers.map((caller) => caller.text())).toEqual(Array(4).fill('hello')))
    await proxies[Symbol.asyncDispose]()
    expect(proxies.pids.map(isRunning)).toEqual([false, false, false])
    await eventually(() => expect(callers.map((caller) => caller.state())).not.toContain('open'))
  })

  test('when a carrying process is killed the others end too, and the reason is told', async () => {
    await using proxies = await startProxies([], {processes: 2})
    process.kill(proxies.pids[1] ?? 0, 'SIGKILL')
    expect(await proxies.died).toBe('a carrying process ended (SIGKILL)')
    await eventually(() => expect(proxies.pids.map(isRunning)).toEqual([false, false, false]))
  })

  test('when a proxy cannot listen', async () => {
    await using server = await echo()
    const listen = `127.0.0.1:${server.port}`
    const start = startProxies([{name: 'link', upstream: '127.0.0.1:9', listen}], {processes: 2})
    await expect(start).rejects.toThrow(
      `the fault proxy did not start: listen tcp ${listen}: bind: address already in use`,
    )
    const {stdout} = await new Promise<{stdout: string}>((resolve) => {
      execFile('ps', ['-o', 'args', '--ppid', String(process.pid)], (_error, stdout) => resolve({stdout}))
    })
    expect(stdout).not.toContain('faults/proxy')
  })
})

test('the proxies listen below the ephemeral range, and keep nobody awake', async () => {
  await using proxies = await startProxies([
    {name: 'one', upstream: '127.0.0.1:9'},
    {name: 'two', upstream: '127.0.0.1:9'},
  ])
  const ports = [proxies.api, ...Object.values(proxies.listens)].map(portOf)
  expect(new Set(ports).size).toBe(3)
  expect(Math.min(...ports)).toBeGreaterThan(20_000)
  expect(Math.max(...ports)).toBeLessThan(25_565)
})

describe('two processes', () => {
  test('carry half of the connections each, toxics reach both, and down closes both', async () => {
    await using server = await echo()
    await using proxies = await startProxies([{name: 'link', upstream: `127.0.0.1:${server.port}`}], {processes: 2})
    await using client = closing(new ProxyClient(proxies.api))
    const port = portOf(proxies.listens['link'] ?? '')
    const callers = Array.from({length: 40}, () => call(port, 'hello'))
    await eventually(() => expect(callers.every((caller) => caller.text() === 'hello')).toBe(true))
    const {capacity, proxies: counts} = await client.value.connections()
    expect(capacity).toBeGreaterThanOrEqual(2)
    expect(counts['link']).toEqual({open: 40, carried: 40, refused: 0, unreachable: 0, droppedBytes: 0})

    await client.value.addToxic('link', {type: 'limit_data', attributes: {bytes: 2}})
    for (const {socket} of callers) socket.write('more')
    await eventually(() => expect(callers.map((caller) => caller.state())).toEqual(Array(40).fill('ended')))
    expect(new Set(callers.map((caller) => caller.text()))).toEqual(new Set(['hellomo']))
    await client.value.removeToxic('link', 'limit_data_downstream')

    const more = Array.from({length: 10}, () => call(port, 'again'))
    await eventually(() => expect(more.every((caller) => caller.text() === 'again')).toBe(true))
    await client.value.setEnabled('link', false)
    await eventually(() => expect(more.map((caller) => caller.state())).not.toContain('open'))
    for (const caller of callers) caller.socket.destroy()
    await eventually(async () => expect((await client.value.connections()).proxies['link']?.open).toBe(0))
  })

  test('half-open connections and large answers survive being handed over', async () => {
    await using server = await listening((socket) => {
      const chunks: Buffer[] = []
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('end', () => socket.end(Buffer.concat(chunks)))
    })
    await using proxies = await startProxies([{name: 'link', upstream: `127.0.0.1:${server.port}`}], {processes: 2})
    const port = portOf(proxies.listens['link'] ?? '')
    const text = 'x'.repeat(3_000_000)
    const callers = Array.from({length: 4}, () => call(port, text))
    for (const {socket} of callers) socket.end()
    await eventually(() => expect(callers.map((caller) => caller.state())).toEqual(Array(4).fill('ended')))
    expect(callers.every((caller) => caller.text() === text)).toBe(true)
  })
})

test('a client that leaves while its upstream is being dialled leaves nothing behind', async () => {
  await using server = await echo()
  await using proxies = await startProxies([{name: 'link', upstream: `127.0.0.1:${server.port}`}])
  await using client = closing(new ProxyClient(proxies.api))
  const port = portOf(proxies.listens['link'] ?? '')
  for (let n = 0; n < 50; n++) {
    const socket = connect({port, host: '127.0.0.1'})
    socket.once('connect', () => (n % 2 === 0 ? socket.destroy() : socket.resetAndDestroy()))
    await once(socket, 'close')
  }
  await eventually(async () => {
    expect((await client.value.connections()).proxies['link']).toMatchObject({open: 0, carried: 50})
  })
  await eventually(() => expect(server.sockets).toEqual([]))
})

function closing(value: ProxyClient) {
  return {value, [Symbol.asyncDispose]: () => value.close()}
}
