import {once} from 'node:events'
import {createServer as createHttp, type Server} from 'node:http'
import {type AddressInfo, createServer, type Socket} from 'node:net'
import {afterEach, expect, test} from 'vitest'
import {openApi, type Api} from '../../../src/lib/faults/proxy/api/server.js'
import {Fleet} from '../../../src/lib/faults/proxy/carriers/fleet.js'
import {LocalCarrier} from '../../../src/lib/faults/proxy/carriers/local-carrier.js'
import {ProxyClient} from '../../../src/lib/faults/proxy/client.js'
import {Directory} from '../../../src/lib/faults/proxy/directory.js'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function ready(): Promise<{client: ProxyClient; directory: Directory; api: Api}> {
  const directory = new Directory(new Fleet([new LocalCarrier('seed')], 10))
  undo.push(() => directory.close())
  await directory.create({name: 'a/b', listen: '', upstream: '127.0.0.1:9', enabled: true})
  const api = await openApi(directory)
  undo.push(() => api.close())
  return {client: clientOf(api.url), directory, api}
}

function clientOf(url: string, patienceMs?: number): ProxyClient {
  const client = new ProxyClient(url, patienceMs)
  undo.push(() => client.close())
  return client
}

test('it adds, changes, lists and removes toxics, and takes a proxy down and up', async () => {
  const {client} = await ready()
  await client.addToxic('a/b', {type: 'latency', attributes: {latency: 5}})
  await client.updateToxic('a/b', 'latency_downstream', {attributes: {jitter: 2}, toxicity: 0.5})
  expect((await client.proxies())['a/b']?.toxics).toEqual([
    {
      attributes: {latency: 5, jitter: 2},
      name: 'latency_downstream',
      type: 'latency',
      stream: 'downstream',
      toxicity: 0.5,
    },
  ])
  await client.removeToxic('a/b', 'latency_downstream')
  expect(await client.setEnabled('a/b', false)).toMatchObject({enabled: false, toxics: []})
  expect(await client.setEnabled('a/b', true)).toMatchObject({enabled: true})
  expect((await client.connections()).capacity).toBe(10)
})

test.each<[string, (client: ProxyClient) => Promise<unknown>, string]>([
  [
    'a proxy that is not there',
    (client) => client.setEnabled('none', true),
    'refused PATCH /proxies/none: proxy not found',
  ],
  [
    'a toxic that is not there',
    (client) => client.removeToxic('a/b', 'x'),
    'refused DELETE /proxies/a%2Fb/toxics/x: toxic not found',
  ],
])('%s is an error that says so', async (_case, ask, message) => {
  const {client} = await ready()
  await expect(ask(client)).rejects.toMatchObject({
    name: 'TargetError',
    message: expect.stringContaining(message) as string,
  })
})

test('one connection serves all calls, also after a pause', async () => {
  const {client, api} = await ready()
  const used = new Set<number | undefined>()
  const spy = await forwarder(Number(new URL(api.url).port), (socket) => used.add(socket.remotePort))
  const through = clientOf(`http://127.0.0.1:${spy}`)
  for (let n = 0; n < 5; n++) await through.proxies()
  await client.proxies()
  expect(used.size).toBe(1)
})

async function forwarder(port: number, seen: (socket: Socket) => void): Promise<number> {
  const {connect} = await import('node:net')
  const server = createServer((socket) => {
    seen(socket)
    const on = connect(port, '127.0.0.1')
    socket.pipe(on).pipe(socket)
    undo.push(() => socket.destroy())
  })
  return listen(server)
}

async function listen(server: ReturnType<typeof createServer> | Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => server.close())
  return (server.address() as AddressInfo).port
}

test('a server that says nothing is an error when patience ends', async () => {
  const port = await listen(createServer((socket) => void undo.push(() => socket.destroy())))
  await expect(clientOf(`http://127.0.0.1:${port}`, 200).proxies()).rejects.toMatchObject({
    name: 'TargetError',
    message: `the fault proxy at http://127.0.0.1:${port} did not answer: no answer in 200 ms`,
  })
})

test('nobody there is an error', async () => {
  await expect(clientOf('http://127.0.0.1:9').proxies()).rejects.toMatchObject({
    name: 'TargetError',
    message: expect.stringContaining('did not answer: connect ECONNREFUSED 127.0.0.1:9') as string,
  })
})

test('something else there is an error', async () => {
  const port = await listen(createHttp((_request, response) => response.end('<html>')))
  await expect(clientOf(`http://127.0.0.1:${port}`).proxies()).rejects.toThrow(
    `what answers at http://127.0.0.1:${port} is no fault proxy`,
  )
})
