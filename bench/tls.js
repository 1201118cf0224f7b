/**
 * What TLS costs: floods the same small chat server over ws and over wss, through bin/run.js, and prints for each how fast
 * users connected and how much memory of ours each took. Both ends share this machine, so the rates hold for both together.
 *
 *   node bench/tls.js [connections] [connects a second]      8,000 at 5,000/s by default; takes about a minute
 */
import {execFile, fork} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {createServer as createHttp} from 'node:http'
import {createServer as createHttps} from 'node:https'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {WebSocketServer} from 'ws'

const OWN = fileURLToPath(import.meta.url)
const BIN = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const CERTIFICATES = new URL('../test/fixtures/tls/', import.meta.url)
const CA = fileURLToPath(new URL('ca.pem', CERTIFICATES))

/** DESIGN asks for this much of wss. */
const AT_MOST_BYTES = 60_000
const AT_LEAST_RATE = 1000

const NODES = 2
const CONNECTIONS = 8000
/** More than any machine keeps up with, so that the ramp shows what it can. */
const RATE = 5000
const LONGEST_RUN_MS = 180_000
const WORDS = {ws: 'ws', wss: 'wss, P-256 certificate', rsa: 'wss, RSA 2048 certificate'}

/** One node: the same rooms behind all three doors. What a member says goes to the parent, which tells every node. */
async function serve() {
  const read = (name) => readFileSync(new URL(name, CERTIFICATES))
  const doors = {
    ws: createHttp(),
    wss: createHttps({cert: read('server.pem'), key: read('server.key')}),
    rsa: createHttps({cert: read('server-rsa.pem'), key: read('server-rsa.key')}),
  }
  const rooms = new Map()
  const ports = {}
  for (const [name, server] of Object.entries(doors)) {
    const sockets = new WebSocketServer({server, perMessageDeflate: false})
    sockets.on('connection', (socket) => welcome(socket, rooms))
    server.listen({port: 0, host: '127.0.0.1', backlog: 8192})
    await once(server, 'listening')
    ports[name] = server.address().port
  }
  process.on('message', ({room, text}) => {
    for (const member of rooms.get(room) ?? []) member.send(text)
  })
  process.on('disconnect', () => process.exit(0))
  process.send(ports)
}

/** Speaks fixtures/protocols/json.yaml. */
function welcome(socket, rooms) {
  let entered
  const leave = () => rooms.get(entered)?.delete(socket)
  socket.on('error', leave)
  socket.on('close', leave)
  socket.on('message', (data) => {
    const said = JSON.parse(data)
    if (said.type === 'join') {
      entered = said.room
      rooms.set(entered, (rooms.get(entered) ?? new Set()).add(socket))
      socket.send(JSON.stringify({type: 'joined', room: entered}))
    } else if (said.type === 'message') {
      process.send({room: said.room, text: JSON.stringify({type: 'message', text: said.text})})
      socket.send(JSON.stringify({type: 'ack', id: said.id}))
    }
  })
}

async function startNodes() {
  const nodes = Array.from({length: NODES}, () => fork(OWN, ['serve'], {stdio: ['ignore', 'ignore', 'inherit', 'ipc']}))
  const ports = await Promise.all(nodes.map(async (node) => (await once(node, 'message'))[0]))
  for (const node of nodes) {
    node.on('message', (said) => {
      for (const each of nodes) each.send(said)
    })
  }
  return {ports, stop: () => nodes.forEach((node) => node.disconnect())}
}

async function flood(kind, ports, {connections, rate}) {
  const scheme = kind === 'ws' ? 'ws' : 'wss'
  const argv = [
    ...['ws-flood', '--json', '--quiet', '--protocol', 'json', '--ca', CA],
    ...ports.flatMap((own) => ['--target', `${scheme}://127.0.0.1:${own[kind]}`]),
    ...['--connections', String(connections), '--connect-rate', `${rate}/s`, '--duration', '5s'],
  ]
  const options = {maxBuffer: 2 ** 26, timeout: LONGEST_RUN_MS}
  // A broken threshold exits with 99 and still prints its report.
  const {stdout} = await promisify(execFile)(process.execPath, [BIN, ...argv], options).catch((error) => error)
  const {metrics, facts, error} = JSON.parse(stdout)
  if (error) throw new Error(`the flood over ${kind} did not run: ${error.message}`)
  return {
    kind,
    established: metrics.connections_established.value,
    rate: metrics.connect_rate.value,
    bytes: facts.rssPerConnectionAfterRamp,
    // What others on this machine take away shows as waiting.
    cpuMs: inRamp(metrics.generator_cpu_time) / metrics.connections_established.value,
    waiting:
      inRamp(metrics.generator_wait_time) / (inRamp(metrics.generator_cpu_time) + inRamp(metrics.generator_wait_time)),
  }
}

const inRamp = ({byPhase}) => byPhase.ramp?.value ?? 0

/** Prints a line for each kind of door, and whether wss keeps within what DESIGN asks for. */
export async function benchTls({connections, rate: asked} = {connections: CONNECTIONS, rate: RATE}) {
  const {ports, stop} = await startNodes()
  const rows = []
  try {
    for (const kind of Object.keys(WORDS)) rows.push(await flood(kind, ports, {connections, rate: asked}))
  } finally {
    stop()
  }
  const [plain] = rows
  for (const {kind, established, rate, bytes, cpuMs, waiting} of rows) {
    console.log(
      `${WORDS[kind].padEnd(26)} ${established} users, ramp ${rate.toFixed(0)}/s (${(rate / plain.rate).toFixed(2)} of ws), ` +
        `${(bytes / 1000).toFixed(1)} KB a connection (${(bytes / plain.bytes).toFixed(1)} times ws), ` +
        `${cpuMs.toFixed(2)} ms of our CPU each; our workers waited ${(waiting * 100).toFixed(0)} % of their time for a processor`,
    )
  }
  const short = rows.filter(
    ({kind, rate, bytes, established}) =>
      kind !== 'ws' && (rate < AT_LEAST_RATE || bytes > AT_MOST_BYTES || established < connections),
  )
  console.log(
    short.length === 0
      ? `reached: at least ${AT_LEAST_RATE}/s and at most ${AT_MOST_BYTES / 1000} KB a connection over wss`
      : `not reached by ${short.map(({kind}) => WORDS[kind]).join(' and ')}`,
  )
}

if (process.argv[1] === OWN) {
  const [what = CONNECTIONS, rate = RATE] = process.argv.slice(2)
  if (what === 'serve') await serve()
  else await benchTls({connections: Number(what), rate: Number(rate)})
}
