// What the fault proxy costs against a bare `pipe()` proxy and the direct connection, how many connections it carries, and how exact its toxics are.
import {fork} from 'node:child_process'
import {once} from 'node:events'
import {setTimeout as sleep} from 'node:timers/promises'
import {ProxyClient} from '../dist/lib/faults/proxy/client.js'
import {startProxies} from '../dist/lib/faults/proxy/start.js'
import {judged, table} from './print.js'

const ROUNDS = 5
const WARM_UP_MS = 200
const FLOOD_MS = 500
const ECHO_MS = 400
const CONNECT_RATE = 4000

/** A process of the bench; `ask` sends and waits for the next answer. */
class Part {
  constructor(file, detached = false) {
    this.child = fork(new URL(file, import.meta.url), {detached})
  }

  async hear() {
    return (await once(this.child, 'message'))[0]
  }

  async ask(message) {
    const heard = this.hear()
    this.child.send(message)
    return heard
  }
}

async function startBench() {
  const server = new Part('proxy-server.js')
  const {port} = await server.hear()
  // In a session of its own, as ours is: the scheduler shares out the processors by sessions.
  const pipe = new Part('proxy-pipe.js', true)
  const {port: pipePort} = await pipe.ask({port})
  return {server, client: new Part('proxy-client.js'), pipe, direct: port, bare: pipePort}
}

async function withOurs(port, processes, work) {
  const proxies = await startProxies([{name: 'link', upstream: `127.0.0.1:${port}`}], {processes, seed: 'bench'})
  const api = new ProxyClient(proxies.api)
  try {
    return await work(Number(proxies.listens.link.split(':')[1]), api)
  } finally {
    await api.close()
    await proxies[Symbol.asyncDispose]()
  }
}

const middle = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

/** What has arrived when no connection is left: some bytes of the last one may still be under way. */
async function arrived(server) {
  for (;;) {
    const counts = await server.ask('count')
    if (counts.open === 0) return counts
    await sleep(5)
  }
}

/** Bytes a second that arrive. */
async function throughput({server, client}, port, connections, ms = FLOOD_MS) {
  const done = client.ask({task: 'flood', port, connections, ms: ms + 2 * WARM_UP_MS})
  await sleep(WARM_UP_MS)
  const before = await server.ask('count')
  await sleep(ms)
  const after = await server.ask('count')
  await done
  await arrived(server)
  return ((after.bytes - before.bytes) / (after.at - before.at)) * 1000
}

const tripOf = async ({client}, port, connections, ms) =>
  middle((await client.ask({task: 'echo', port, connections, ms})).trips)

/**
 * Each round measures all three one after the other, so that what disturbs one disturbs its neighbours, and the next round begins with
 * another of them; medians of the rounds' ratios.
 */
async function compare({direct, bare}, own, measure) {
  const ports = Object.entries({direct, bare, own})
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    const figures = {}
    for (const [name, port] of ports) figures[name] = await measure(port)
    rounds.push(figures)
    ports.push(ports.shift())
  }
  const of = (value) => middle(rounds.map(value))
  return {
    direct: of((round) => round.direct),
    bare: of((round) => round.bare),
    own: of((round) => round.own),
    toBare: of((round) => round.own / round.bare),
    toDirect: of((round) => round.own / round.direct),
    added: of((round) => round.own - round.direct),
  }
}

async function speed(bench, ours) {
  const rows = []
  for (const connections of [1, 100]) {
    const {direct, bare, own, toBare, toDirect} = await compare(bench, ours, (port) =>
      throughput(bench, port, connections),
    )
    const [d, b, o] = [direct, bare, own].map((rate) => (rate / 1e6).toFixed(0))
    rows.push([`${connections} × 64 KiB`, `direct ${d}, pipe() ${b}, ours ${o} MB/s`, ''])
    rows.push(['', `${toBare.toFixed(2)} of pipe()`, judged(toBare >= 0.9, 'at least 0.9')])
    rows.push(['', `${toDirect.toFixed(2)} of direct`, judged(toDirect >= 0.35, 'at least 0.35')])
  }
  const {direct, bare, own, added} = await compare(bench, ours, (port) => tripOf(bench, port, 1, ECHO_MS))
  const words = [direct, bare, own].map((ms) => ms.toFixed(3))
  rows.push(['round trip p50', `direct ${words[0]}, pipe() ${words[1]}, ours ${words[2]} ms`, ''])
  rows.push(['', `${added.toFixed(3)} ms added`, judged(added <= 0.1, 'at most 0.10 ms')])
  return rows
}

/** More are asked for than fit: those beyond must be refused by count, none silently. */
async function crowd({client, direct}, processes, connections, beyond) {
  return withOurs(direct, processes, async (port, api) => {
    const {answered, open} = await client.ask({
      task: 'hold',
      port,
      connections: connections + beyond,
      rate: CONNECT_RATE,
    })
    const counts = (await api.connections()).proxies.link
    await client.ask({task: 'leave'})
    const fits = answered === connections && open === connections && counts.refused === beyond
    const words = `${answered} answered and open, ${counts.refused} refused`
    const aim = beyond === 0 ? `${connections}` : `${connections} and ${beyond} refused`
    return [`${processes} process${processes > 1 ? 'es' : ''}`, words, judged(fits, aim)]
  })
}

const TOXICS = [
  async (bench, port, api) => {
    const plain = await tripOf(bench, port, 10, ECHO_MS)
    const rows = []
    for (const latency of [10, 100]) {
      await api.addToxic('link', {type: 'latency', attributes: {latency}})
      const off = (await tripOf(bench, port, 10, 1500)) - plain - latency
      await api.removeToxic('link', 'latency_downstream')
      rows.push([`latency ${latency} ms`, `${off.toFixed(2)} ms off at p50`, judged(Math.abs(off) <= 2, 'within 2 ms')])
    }
    return rows
  },
  async (bench, port, api) => {
    const rows = []
    for (const rate of [500, 10_000]) {
      await api.addToxic('link', {type: 'bandwidth', stream: 'upstream', attributes: {rate}})
      const share = (await throughput(bench, port, 1, 2500)) / (rate * 1000)
      await api.removeToxic('link', 'bandwidth_upstream')
      const words = `${((share - 1) * 100).toFixed(1)} % off`
      rows.push([`bandwidth ${rate} KB/s`, words, judged(Math.abs(share - 1) <= 0.05, 'within 5 %')])
    }
    return rows
  },
  async ({server, client}, port, api) => {
    const bytes = 1_000_003
    await api.addToxic('link', {type: 'limit_data', stream: 'upstream', attributes: {bytes}})
    const before = await arrived(server)
    await client.ask({task: 'send', port, bytes: 4_000_000})
    const passed = (await arrived(server)).bytes - before.bytes
    await api.removeToxic('link', 'limit_data_upstream')
    return [[`limit_data ${bytes}`, `${passed} bytes`, judged(passed === bytes, 'to the byte')]]
  },
  async ({server, client}, port, api) => {
    const [average_size, size_variation] = [1000, 200]
    const attributes = {average_size, size_variation, delay: 5000}
    await api.addToxic('link', {type: 'slicer', stream: 'upstream', attributes})
    await arrived(server)
    await client.ask({task: 'flood', port, connections: 1, ms: 1500})
    const {sizes} = await server.ask('count')
    await api.removeToxic('link', 'slicer_upstream')
    // The last piece of each 64 KiB that the proxy read is what was left of it; and a busy reader takes two at once.
    const inside = sizes.filter((size) => Math.abs(size - average_size) <= size_variation).length
    const words = `${inside} of ${sizes.length} pieces within`
    return [
      [`slicer ${average_size} ± ${size_variation}`, words, judged(inside / sizes.length >= 0.95, 'but for rests')],
    ]
  },
]

export async function benchProxy() {
  const bench = await startBench()
  try {
    table('Fault proxy: speed', await withOurs(bench.direct, 1, (port) => speed(bench, port)))
    table('Fault proxy: connections', [await crowd(bench, 1, 9500, 100), await crowd(bench, 2, 12_000, 0)])
    const accuracy = await withOurs(bench.direct, 1, async (port, api) => {
      const rows = []
      for (const toxic of TOXICS) rows.push(...(await toxic(bench, port, api)))
      return rows
    })
    table('Fault proxy: toxics', accuracy)
  } finally {
    for (const {child} of [bench.client, bench.pipe, bench.server]) child.disconnect()
  }
}
