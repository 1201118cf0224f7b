/** Watching over HTTP: Prometheus pages and the management API of a RabbitMQ, from a server of the test's own. */
import {createServer, type IncomingMessage, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import {ProofloadError} from '../../src/lib/base/errors.js'
import {parseWatches} from '../../src/lib/watch/grammar.js'
import {openWatcher} from '../../src/lib/watch/open-watcher.js'
import {startWatch} from '../../src/lib/watch/watch.js'
import type {Watcher} from '../../src/lib/watch/watcher.js'
import {secondsApart} from './kit.js'

type Answer = string | {readonly status: number; readonly body: string}

let server: Server
/** By path; a list is answered one by one. */
let answers: Record<string, Answer[]>
let requests: IncomingMessage[]
let port: number
const opened: Watcher[] = []

beforeEach(async () => {
  answers = {}
  requests = []
  server = createServer((request, response) => {
    requests.push(request)
    const queue = answers[request.url ?? ''] ?? []
    const answer = (queue.length > 1 ? queue.shift() : queue[0]) ?? {status: 404, body: 'not found'}
    const {status, body} = typeof answer === 'string' ? {status: 200, body: answer} : answer
    response.writeHead(status).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterEach(async () => {
  for (const watcher of opened.splice(0)) await watcher.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function watcherOf(text: string) {
  const [spec] = parseWatches([text])
  if (spec === undefined) throw new Error('nothing to watch')
  const {kit, pass} = secondsApart()
  const watcher = openWatcher(spec, kit)
  opened.push(watcher)
  return {watcher, pass}
}

/** Two looks, a second apart. */
async function secondLook(text: string) {
  const {watcher, pass} = watcherOf(text)
  await watcher.sample()
  await pass()
  return watcher.sample()
}

async function refusal(text: string): Promise<ProofloadError> {
  const kit = {clock: new HostClock(), certificates: {insecure: false}, signal: new AbortController().signal}
  const failed = await startWatch(parseWatches([text]), kit).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(failed instanceof ProofloadError)) throw new Error('it was not refused', {cause: failed})
  return failed
}

const lines = (...text: string[]) => `${text.join('\n')}\n`

describe('a Prometheus page', () => {
  test('of a process tells its processor time, memory and event-loop delay', async () => {
    const page = (seconds: number) =>
      lines(
        `process_cpu_seconds_total ${seconds}`,
        'process_resident_memory_bytes 5e7',
        'nodejs_eventloop_lag_seconds 0.5',
        'nodejs_eventloop_lag_p99_seconds 0.012',
      )
    answers = {'/metrics': [page(10), page(10.75)]}
    expect(await secondLook(`http://127.0.0.1:${port}/metrics`)).toEqual({
      cpu: 0.75,
      cpu_cores: 0.75,
      memory_bytes: 5e7,
      event_loop_delay: 12,
    })
  })

  test('of a node exporter tells how full the machine is', async () => {
    const page = (idle: number, busy: number) =>
      lines(
        'process_cpu_seconds_total 1',
        'process_resident_memory_bytes 1e7',
        `node_cpu_seconds_total{cpu="0",mode="idle"} ${idle}`,
        `node_cpu_seconds_total{cpu="0",mode="iowait"} ${idle}`,
        `node_cpu_seconds_total{cpu="0",mode="user"} ${busy}`,
        `node_cpu_seconds_total{cpu="1",mode="system"} ${busy}`,
        'node_memory_MemTotal_bytes 1000',
        'node_memory_MemAvailable_bytes 250',
      )
    answers = {'/metrics': [page(100, 100), page(100.25, 100.75)]}
    const sample = await secondLook(`http://127.0.0.1:${port}/metrics`)
    expect(sample['cpu']).toBeCloseTo(0.75, 9)
    expect(sample['cpu_cores']).toBeCloseTo(1.5, 9)
    expect(sample).toMatchObject({memory: 0.75, memory_bytes: 750})
  })

  test('is asked for what the user names: gauges as they are, counters by their growth', async () => {
    const page = (sent: number) =>
      lines('# TYPE backlog gauge', 'backlog{room="a"} 3', 'backlog{room="b"} 4', `sent_total ${sent}`, 'other 9')
    answers = {'/metrics?format=text': [page(100), page(350)]}
    const url = `http://127.0.0.1:${port}/metrics?format=text&metrics=backlog,sent_total`
    expect(await secondLook(url)).toEqual({'metric.backlog': 7, 'metric.sent_total': 250})
  })

  test('or for all it has, but no more than 100 names', async () => {
    const names = Array.from({length: 150}, (_, index) => `gauge_${index}`)
    const page = names.flatMap((name) => [`# TYPE ${name} gauge`, `${name} 1`])
    answers = {'/metrics': [lines(...page, '# TYPE h histogram', 'h_bucket{le="1"} 5')]}
    const sample = await secondLook(`http://127.0.0.1:${port}/metrics?metrics=*`)
    expect(Object.keys(sample)).toEqual(names.slice(0, 100).map((name) => `metric.${name}`))
  })

  test('a metric that it does not have is refused before the run, with the nearest one', async () => {
    answers = {'/metrics': [lines('backlog 3', 'process_cpu_seconds_total 1')]}
    const {message, hint, exitCode} = await refusal(`api=http://127.0.0.1:${port}/metrics?metrics=baklog`)
    expect(message).toBe("--watch api: the page has no metric 'baklog'")
    expect(hint).toBe("did you mean 'backlog'?")
    expect(exitCode).toBe(2)
  })

  test('a counter that began anew has no growth', async () => {
    answers = {'/metrics': [lines('a_total 500'), lines('a_total 2')]}
    expect(await secondLook(`http://127.0.0.1:${port}/metrics?metrics=a_total`)).toEqual({})
  })

  test('the password of its URL is sent as a header and shown nowhere', async () => {
    answers = {'/metrics': [{status: 401, body: ''}]}
    const {message, hint} = await refusal(`http://me:hunter2@127.0.0.1:${port}/metrics`)
    expect(requests[0]?.headers.authorization).toBe(`Basic ${btoa('me:hunter2')}`)
    expect(message).toContain('status 401')
    expect(message).not.toContain('hunter2')
    expect(hint).toBe('check user and password in its URL')
  })

  test.each([
    ['HTML', '<html></html>', 'name a page in the Prometheus text format'],
    ['a wrong path', {status: 404, body: ''}, 'check the path'],
  ])('%s is refused with a way out', async (_, answer, hint) => {
    answers = {'/metrics': [answer]}
    expect((await refusal(`http://127.0.0.1:${port}/metrics`)).hint).toContain(hint)
  })
})

/** Answers in the shape that RabbitMQ's HTTP API reference documents, cut down to a few fields around those that are read. */
const OVERVIEW = {
  management_version: '3.12.1',
  rates_mode: 'basic',
  message_stats: {
    publish: 90_000,
    publish_details: {rate: 9800.4},
    deliver_get: 81_000,
    deliver_get_details: {rate: 9100.2},
    ack: 81_000,
    ack_details: {rate: 9100.2},
  },
  queue_totals: {messages: 9000, messages_ready: 8500, messages_unacknowledged: 500, messages_details: {rate: 700}},
  object_totals: {channels: 12, connections: 6, consumers: 4, exchanges: 8, queues: 2},
  node: 'rabbit@one',
}
const NODES = [
  {
    name: 'rabbit@one',
    running: true,
    mem_used: 300,
    mem_limit: 1000,
    mem_alarm: false,
    disk_free: 5000,
    disk_free_limit: 50,
    disk_free_alarm: false,
    fd_used: 10,
    fd_total: 100,
    run_queue: 1,
    uptime: 86_400_000,
  },
  {
    name: 'rabbit@two',
    running: true,
    mem_used: 900,
    mem_limit: 1000,
    mem_alarm: true,
    disk_free: 400,
    disk_free_alarm: false,
    fd_used: 5,
    fd_total: 100,
    run_queue: 7,
  },
  {name: 'rabbit@three', running: false},
]

describe('a RabbitMQ', () => {
  const mq = () => `rabbitmq+http://guest:hunter2@127.0.0.1:${port}`

  test('tells its queues and rates, and of its nodes the one in the worst state', async () => {
    answers = {'/api/overview': [JSON.stringify(OVERVIEW)], '/api/nodes': [JSON.stringify(NODES)]}
    expect(await watcherOf(mq()).watcher.sample()).toEqual({
      queue_depth: 8500,
      unacked: 500,
      connections: 6,
      messages_in: 9800.4,
      messages_out: 9100.2,
      memory: 0.9,
      memory_bytes: 900,
      connections_used: 0.1,
      run_queue: 7,
      disk_free: 400,
      alarms: 1,
    })
    expect(requests[0]?.headers.authorization).toBe(`Basic ${btoa('guest:hunter2')}`)
  })

  test('a fresh one, which leaves out what it does not have yet, has empty queues', async () => {
    answers = {'/api/overview': ['{"queue_totals":{},"object_totals":{"connections":0}}'], '/api/nodes': ['[]']}
    expect(await watcherOf(mq()).watcher.sample()).toMatchObject({
      queue_depth: 0,
      unacked: 0,
      messages_in: 0,
      alarms: 0,
    })
  })

  test('is found below the path of the URL', async () => {
    answers = {'/mq/api/overview': ['{}'], '/mq/api/nodes': ['[]']}
    expect(await watcherOf(`${mq()}/mq/`).watcher.sample()).toMatchObject({queue_depth: 0})
  })

  test.each([
    [
      'a user without the tag monitoring',
      {status: 401, body: '{"error":"not_authorized"}'},
      'needs the tag monitoring',
    ],
    ['another service', '<html></html>', 'port 15672, not 5672'],
    ['another path', {status: 404, body: ''}, 'port 15672, not 5672'],
  ])('%s is refused with a way out', async (_, answer, hint) => {
    answers = {'/api/overview': ['{}'], '/api/nodes': [answer]}
    const refused = await refusal(mq())
    expect(refused.hint).toContain(hint)
    expect(refused.message).not.toContain('hunter2')
  })
})
