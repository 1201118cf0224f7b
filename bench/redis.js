/**
 * What the Redis carriers cost, with a listener that only counts: one message at a time on each connection against redis-benchmark, which does not
 * even receive what it sends; and as fast as it goes against a bare ioredis loop that pipelines, and receives the same texts.
 *
 *   node bench/run.js redis
 */
import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {Redis} from 'ioredis'
import {HostClock} from '../dist/lib/base/clock.js'
import {freshSeed, seededRandom} from '../dist/lib/base/random.js'
import {pubsubCarrier} from '../dist/lib/protocols/redis/pubsub-carrier.js'
import {redisSite} from '../dist/lib/protocols/redis/redis-site.js'
import {streamCarrier} from '../dist/lib/protocols/redis/stream-carrier.js'
import {startRedis} from '../dist/lib/targets/embedded/redis.js'
import {judged, table} from './print.js'

const run = promisify(execFile)
const TEXT = 'x'.repeat(256)
const ROUNDS = 3
const UNPIPELINED = {connections: 50, messages: 30_000}
const PIPELINED = {connections: 4, window: 100, messages: 100_000}
const CONSUMERS = 1

const TRANSPORTS = {
  'redis-pubsub': {
    carrier: pubsubCarrier,
    words: ['PUBLISH', 'proofload-bench', TEXT],
    publish: (pipeline, room) => pipeline.publish(room, TEXT),
    receive: receiveChannels,
  },
  'redis-stream': {
    carrier: streamCarrier,
    words: ['XADD', 'proofload-bench', '*', 'm', TEXT],
    publish: (pipeline, room) => pipeline.xadd(room, '*', 'm', TEXT),
    receive: receiveStreams,
  },
}

const middle = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

/** Messages a second of redis-benchmark; it sends the same command on each connection, and waits for each answer. */
async function benchmark({port}, {words}) {
  const {connections, messages} = UNPIPELINED
  const flags = ['-h', '127.0.0.1', '-p', port, '-c', connections, '-n', messages, '-P', 1, '--csv']
  const {stdout} = await run('redis-benchmark', [...flags, ...words].map(String))
  return Number(stdout.trim().split('\n').at(-1).split('","')[1])
}

/** Messages a second through a carrier, from the first that is sent until all are answered and all have arrived. */
async function ours({url}, transport, {connections, window = 1, messages}) {
  const layout = {rooms: connections, publishers: connections, fanout: 1, consumers: CONSUMERS}
  const share = {layout, rooms: {first: 0, end: connections}, urls: [url], tls: {insecure: false}, timeoutMs: 5000}
  const named = {...share, run: freshSeed().replace('-', '')}
  const count = {sent: 0, answered: 0, arrived: 0}
  let carrier
  let done
  const send = (room) => {
    if (count.sent >= messages) return
    if (!carrier.publish({room, voice: room, ticket: count.sent++ * connections + room, text: TEXT}))
      throw new Error('there was no room')
  }
  const ended = () => count.answered === messages && count.arrived === messages && done()
  const listener = {
    answered: (ticket, outcome, reason) => {
      if (outcome !== 'accepted') throw new Error(`${outcome}: ${reason}`)
      count.answered++
      send(ticket % connections)
      ended()
    },
    arrived: () => {
      count.arrived++
      ended()
    },
    left: () => undefined,
    entered: () => undefined,
    lost: (reason) => {
      throw new Error(`lost: ${reason}`)
    },
  }
  const kit = {clock: new HostClock(), random: seededRandom('bench'), listener}
  const site = redisSite(transport, named, kit)
  await site.prepare()
  carrier = TRANSPORTS[transport].carrier(named, kit)
  await carrier.open()
  const seconds = await timed(async () => {
    const all = new Promise((resolve) => (done = resolve))
    for (let index = 0; index < window; index++) for (let room = 0; room < connections; room++) send(room)
    await all
  })
  await carrier[Symbol.asyncDispose]()
  await site.remove()
  return messages / seconds
}

async function timed(work) {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

const bareClient = (url) => new Redis(url, {disableClientInfo: true, enableReadyCheck: false})

async function receiveChannels(redis, rooms, count) {
  redis.on('messageBuffer', () => count())
  await redis.subscribe(...rooms)
}

async function receiveStreams(redis, rooms, count) {
  for (const room of rooms) await redis.xgroup('CREATE', room, 'group', '$', 'MKSTREAM')
  const read = async () => {
    let acks = []
    for (;;) {
      const pipeline = redis.pipeline()
      for (const [key, ids] of acks) pipeline.xack(key, 'group', ...ids)
      const keys = [...rooms, ...rooms.map(() => '>')]
      pipeline.xreadgroupBuffer('GROUP', 'group', 'one', 'COUNT', 1000, 'BLOCK', 1000, 'STREAMS', ...keys)
      const [failure, reply] = (await pipeline.exec()).at(-1)
      // Its connection has ended.
      if (failure) return
      const streams = reply ?? []
      acks = streams.map(([key, entries]) => [key, entries.map(([id]) => id)])
      for (const [, ids] of acks) ids.forEach(count)
    }
  }
  void read()
}

/** The same with nothing but ioredis: each connection sends a pipeline, waits for it, and sends the next. */
async function bare({url}, {publish, receive}) {
  const {connections, window, messages} = PIPELINED
  const rooms = Array.from({length: connections}, (_, room) => `bare-${freshSeed()}-${room}`)
  const [receiver, ...publishers] = Array.from({length: connections + 1}, () => bareClient(url))
  let arrived = 0
  let done
  const all = new Promise((resolve) => (done = resolve))
  await receive(receiver, rooms, () => ++arrived === messages && done())
  await Promise.all(publishers.map((publisher) => publisher.ping()))
  let sent = 0
  const seconds = await timed(async () => {
    const loops = publishers.map(async (publisher, index) => {
      while (sent < messages) {
        const pipeline = publisher.pipeline()
        for (let one = 0; one < window && sent < messages; one++, sent++) publish(pipeline, rooms[index])
        await pipeline.exec()
      }
    })
    await Promise.all([...loops, all])
  })
  await publishers[0].unlink(...rooms)
  for (const redis of [receiver, ...publishers]) redis.disconnect()
  return messages / seconds
}

async function compare(service, transport) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({
      benchmark: await benchmark(service, TRANSPORTS[transport]),
      single: await ours(service, transport, UNPIPELINED),
      bare: await bare(service, TRANSPORTS[transport]),
      many: await ours(service, transport, PIPELINED),
    })
  }
  const of = (value) => middle(rounds.map(value))
  const shown = (value) => `${Math.round(of(value)).toLocaleString('en')}/s`
  const [single, many] = [of((round) => round.single / round.benchmark), of((round) => round.many / round.bare)]
  const cleaner = bareClient(service.url)
  await cleaner.unlink('proofload-bench')
  cleaner.disconnect()
  return [
    [transport, `${shown(({single}) => single)} one by one`, `redis-benchmark ${shown(({benchmark}) => benchmark)}`],
    ['', `${single.toFixed(2)} of redis-benchmark`, judged(single >= 0.5, 'at least 0.5')],
    ['', `${shown(({many}) => many)} pipelined`, `bare ioredis ${shown(({bare}) => bare)}`],
    ['', `${many.toFixed(2)} of bare ioredis`, judged(many >= 0.8, 'at least 0.8')],
  ]
}

const isInstalled = async () =>
  run('redis-benchmark', ['--version']).then(
    () => true,
    () => false,
  )

/** Prints a ratio for each transport and each way, or why there is none. */
export async function benchRedis() {
  if (!(await isInstalled())) return table('Redis carriers', [['skipped', 'redis-benchmark is not installed', '']])
  const service = await startRedis()
  try {
    if (service.kind === 'fallback') return table('Redis carriers', [['skipped', 'redis-server is not installed', '']])
    const rows = []
    for (const transport of Object.keys(TRANSPORTS)) rows.push(...(await compare(service, transport)))
    table(`Redis carriers (${service.describe()}, 256 B)`, rows)
  } finally {
    await service[Symbol.asyncDispose]()
  }
}
