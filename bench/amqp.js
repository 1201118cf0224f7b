// What the RabbitMQ carrier costs: messages a second through it against a bare loop over amqplib with confirms and prefetch, on a RabbitMQ of its own.
import {connect} from 'amqplib'
import {createViteServer} from 'vitest/node'
import {HostClock} from '../dist/lib/base/clock.js'
import {seededRandom} from '../dist/lib/base/random.js'
import {amqpCarrier} from '../dist/lib/protocols/amqp/amqp-carrier.js'
import {amqpSite} from '../dist/lib/protocols/amqp/amqp-site.js'
import {judged, table} from './print.js'

const ROUNDS = 5
const MESSAGES = 20_000
/** Sent and not yet confirmed, of all publishers together: a closed loop, as the bare one is. */
const WINDOW = 2000
const BYTES = 256
const PREFETCH = 1000
const LAYOUT = {rooms: 4, publishers: 4, fanout: 1, consumers: 4}
const TEXT = 'x'.repeat(BYTES)
const middle = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]

/** Calls `send` with each number while fewer than the window are open; resolves to messages a second, when all have come and are confirmed. */
function paced(send) {
  return new Promise((resolve) => {
    const began = performance.now()
    let [sent, confirmed, came] = [0, 0, 0]
    const more = () => {
      while (sent < MESSAGES && sent - confirmed < WINDOW) send(sent++, onConfirm, onArrival)
    }
    const end = () => {
      if (confirmed === MESSAGES && came === MESSAGES) resolve((MESSAGES / (performance.now() - began)) * 1000)
    }
    const onConfirm = () => {
      confirmed++
      more()
      end()
    }
    const onArrival = () => {
      came++
      end()
    }
    paced.onArrival = onArrival
    paced.onConfirm = onConfirm
    more()
  })
}

/** A connection and a channel for each of the four, on either side. */
async function bare(url, queueType) {
  const models = await Promise.all(Array.from({length: 8}, () => connect(url, {noDelay: true})))
  const queues = Array.from({length: 4}, (_, room) => `bench-${room}`)
  const readers = await Promise.all(models.slice(0, 4).map((model) => model.createChannel()))
  const writers = await Promise.all(models.slice(4).map((model) => model.createConfirmChannel()))
  for (const [room, queue] of queues.entries()) {
    const reader = readers[room]
    await reader.assertQueue(queue, {durable: true, arguments: {'x-queue-type': queueType}})
    await reader.prefetch(PREFETCH)
    let open = 0
    await reader.consume(queue, (message) => {
      // The queue is deleted in the end.
      if (message === null) return
      paced.onArrival()
      if (++open === PREFETCH / 2 || message.fields.deliveryTag === MESSAGES / 4) {
        open = 0
        reader.ack(message, true)
      }
    })
  }
  const content = Buffer.from(TEXT)
  const rate = await paced((number, onConfirm) => {
    writers[number % 4].publish('', queues[number % 4], content, {persistent: true}, onConfirm)
  })
  for (const queue of queues) await readers[0].deleteQueue(queue)
  await Promise.all(models.map((model) => model.close()))
  return rate
}

async function ours(url, queueType) {
  const share = {layout: LAYOUT, urls: [url], run: 'bench000', tls: {insecure: false}, timeoutMs: 30_000}
  const options = {queueType, prefetch: PREFETCH}
  const kit = {clock: new HostClock(), random: seededRandom('bench')}
  const site = amqpSite({...share, payloadBytes: BYTES}, kit, options)
  await site.prepare()
  const listener = {
    answered(_ticket, outcome) {
      if (outcome !== 'accepted') throw new Error(`a message was not accepted: ${outcome}`)
      paced.onConfirm()
    },
    arrived: () => paced.onArrival(),
    lost(reason) {
      throw new Error(`a connection was lost: ${reason}`)
    },
  }
  const carrier = amqpCarrier({...share, rooms: {first: 0, end: 4}}, {...kit, listener}, options)
  await carrier.open()
  const rate = await paced((ticket) => {
    const room = ticket % 4
    if (!carrier.publish({room, voice: room, ticket, text: TEXT})) throw new Error('a message was refused')
  })
  await carrier[Symbol.asyncDispose]()
  for (const line of await site.remove()) console.log(line)
  return rate
}

/** The private RabbitMQ of the tests, which is TypeScript. */
async function withRabbitmq(work) {
  const vite = await createViteServer({configFile: false, logLevel: 'error', server: {middlewareMode: true, ws: false}})
  try {
    const {missingRabbitmq, startRabbitmq} = await vite.ssrLoadModule('/test/protocols/amqp/rabbitmq.ts')
    const missing = missingRabbitmq()
    if (missing !== undefined) return [['not measured', missing, '']]
    const rabbitmq = await startRabbitmq()
    try {
      return await work(rabbitmq.url)
    } finally {
      await rabbitmq[Symbol.asyncDispose]()
    }
  } finally {
    await vite.close()
  }
}

/** Each round measures both one after the other, the first of them in turn; medians of the rounds. */
async function compare(url, queueType) {
  const rounds = []
  await bare(url, queueType)
  for (let round = 0; round < ROUNDS; round++) {
    const figures = {}
    const ways = [
      ['bare', bare],
      ['own', ours],
    ]
    for (const [name, way] of round % 2 === 0 ? ways : ways.toReversed()) figures[name] = await way(url, queueType)
    rounds.push(figures)
  }
  const rate = (name) => middle(rounds.map((round) => round[name])).toFixed(0)
  const ratio = middle(rounds.map(({own, bare: loop}) => own / loop))
  return [
    [`${queueType} queues`, `bare ${rate('bare')}, ours ${rate('own')} msg/s`, ''],
    ['', `${ratio.toFixed(2)} of bare amqplib`, judged(ratio >= 0.8, 'at least 0.8')],
  ]
}

export async function benchAmqp() {
  table(
    'RabbitMQ carrier',
    await withRabbitmq(async (url) => [...(await compare(url, 'classic')), ...(await compare(url, 'quorum'))]),
  )
}
