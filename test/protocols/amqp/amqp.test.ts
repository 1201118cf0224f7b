/** The carrier by a real RabbitMQ: what becomes of each message, in order and out of it, and that nothing stays behind. */
import {readFileSync} from 'node:fs'
import {setImmediate as turn, setTimeout as pause} from 'node:timers/promises'
import {connect, type Channel, type ChannelModel} from 'amqplib'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi} from 'vitest'
import {type Clock, HostClock} from '../../../src/lib/base/clock.js'
import {TargetError, UsageError} from '../../../src/lib/base/errors.js'
import {seededRandom} from '../../../src/lib/base/random.js'
import {amqpCarrier} from '../../../src/lib/protocols/amqp/amqp-carrier.js'
import {amqpSite, type SiteOrder} from '../../../src/lib/protocols/amqp/amqp-site.js'
import type {AmqpOptions} from '../../../src/lib/protocols/amqp/options.js'
import type {Carrier, CarrierShare, Site} from '../../../src/lib/protocols/messaging/carrier.js'
import {roomOfVoice, roomsOf, seatsIn, voicesIn} from '../../../src/lib/protocols/messaging/layout.js'
import {missingRabbitmq, startRabbitmq, type Rabbitmq} from './rabbitmq.js'
import {Recorder} from './recorder.js'

const SOON = {timeout: 20_000, interval: 10}
const LAYOUT = {rooms: 2, publishers: 2, fanout: 1, consumers: 2}
const USUAL: AmqpOptions = {queueType: 'classic', prefetch: 100}
/** Of its own, so that the operator's connection is none of theirs. */
const USER = 'carrier'
const why = missingRabbitmq()

let rabbitmq: Rabbitmq
let operator: ChannelModel
let runs = 0
let run = ''
const open: AsyncDisposable[] = []
const sites: Site[] = []

const orderOf = (): SiteOrder => ({
  layout: LAYOUT,
  urls: [rabbitmq.url.replace('guest:guest', `${USER}:${USER}`)],
  run,
  tls: {insecure: false},
  timeoutMs: 10_000,
  payloadBytes: 100,
})
const kit = (clock: Clock = new HostClock()) => ({clock, random: seededRandom(run)})

function siteOf(order: Partial<SiteOrder> = {}, options: Partial<AmqpOptions> = {}) {
  const site = amqpSite({...orderOf(), ...order}, kit(), {...USUAL, ...options})
  sites.push(site)
  return site
}

/** Opened, with everything that it tells. */
async function carrierOf(share: Partial<CarrierShare> = {}, options: Partial<AmqpOptions> = {}, clock?: Clock) {
  const {layout, ...order} = orderOf()
  const whole = {first: 0, end: (share.layout ?? layout).rooms}
  const listener = new Recorder()
  const carrier = amqpCarrier(
    {...order, layout, rooms: whole, ...share},
    {...kit(clock), listener},
    {...USUAL, ...options},
  )
  open.push(carrier)
  await carrier.open()
  return {carrier, listener}
}

/** All that the server has of this run, connections too. */
async function traces(): Promise<string[]> {
  const lists = await Promise.all(['queues', 'exchanges'].map((kind) => rabbitmq.api('GET', kind)))
  const names = (lists.flat() as {name: string}[]).map(({name}) => name)
  return names.filter((name) => name.includes(run))
}

/** Closes every connection of ours, as an operator would, once there are that many. */
async function closeConnections(atLeast: number): Promise<void> {
  const path = `connections/username/${USER}`
  await vi.waitFor(async () => expect(await rabbitmq.api('GET', path)).toHaveProperty(`${atLeast - 1}`), SOON)
  await rabbitmq.api('DELETE', path)
}

/** Messages of one sender, as `room voice number`, with a ticket each. */
class Sender {
  next = 0
  readonly texts: string[] = []

  constructor(
    readonly carrier: Carrier,
    readonly layout = LAYOUT,
  ) {}

  /** False, and no ticket is spent, when the carrier refuses. */
  say(voice: number, number: number): boolean {
    const room = roomOfVoice(this.layout, voice)
    const text = `${room} ${voice} ${number}`
    const sent = this.carrier.publish({room, voice, ticket: this.next, text})
    if (sent) this.texts[this.next++] = text
    return sent
  }
}

describe.skipIf(why !== undefined)(`with a RabbitMQ (needs rabbitmq-server; here: ${why ?? 'found'})`, () => {
  beforeAll(async () => {
    rabbitmq = await startRabbitmq()
    operator = await connect(rabbitmq.url)
    operator.on('error', () => undefined)
    await rabbitmq.api('PUT', `users/${USER}`, {password: USER, tags: ''})
    await rabbitmq.api('PUT', `permissions/%2f/${USER}`, {configure: '.*', write: '.*', read: '.*'})
  }, 120_000)
  afterAll(async () => {
    await operator.close()
    await rabbitmq[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    run = `test${String(++runs).padStart(4, '0')}`
  })
  afterEach(async () => {
    for (const each of open.splice(0)) await each[Symbol.asyncDispose]()
    for (const site of sites.splice(0)) expect(await site.remove()).toEqual([])
  })

  describe.each(['classic', 'quorum'] as const)('with %s queues', (queueType) => {
    it('brings every message once, in the order of its sender, to each seat of its room and no other, for two workers', async () => {
      const layout = {rooms: 4, publishers: 6, fanout: 2, consumers: 3}
      await siteOf({layout}, {queueType}).prepare()
      const each = 40
      for (const worker of [0, 1]) {
        const rooms = roomsOf(layout, worker, 2)
        const {carrier, listener} = await carrierOf({layout, rooms}, {queueType, prefetch: 7})
        const sender = new Sender(carrier, layout)
        const voices = {first: voicesIn(layout, rooms.first).first, end: voicesIn(layout, rooms.end - 1).end}
        for (let number = 0; number < each; number++)
          for (let voice = voices.first; voice < voices.end; voice++) expect(sender.say(voice, number)).toBe(true)
        await vi.waitFor(() => expect(listener.answers.size).toBe(sender.next), SOON)
        await vi.waitFor(() => expect(listener.arrivalCount).toBe(sender.next * layout.fanout), SOON)

        expect(listener.ticketsWith('accepted')).toHaveLength(sender.next)
        for (let room = rooms.first; room < rooms.end; room++) {
          const {first, end} = voicesIn(layout, room)
          for (let seat = seatsIn(layout, room).first; seat < seatsIn(layout, room).end; seat++) {
            const arrivals = listener.at(seat)
            expect(arrivals.filter(({again}) => again)).toEqual([])
            expect(arrivals).toHaveLength((end - first) * each)
            for (let voice = first; voice < end; voice++) {
              const expected = Array.from({length: each}, (_, number) => `${room} ${voice} ${number}`)
              const own = arrivals.filter(({text}) => text.startsWith(`${room} ${voice} `))
              expect(own.map(({text}) => text)).toEqual(expected)
            }
          }
        }
        expect([listener.wrong, listener.losses]).toEqual([[], []])
      }
    })

    it('hands over again what was not acknowledged when connections were closed, in order, and says so', async () => {
      await siteOf({}, {queueType}).prepare()
      // Nothing is acknowledged as long as the pause before it does not end.
      const host = new HostClock()
      let held = true
      const clock: Clock = {
        now: () => host.now(),
        date: () => host.date(),
        reach: (due, signal) => host.reach(due, signal),
        sleep: (length, signal) => (length === 10 && held ? new Promise(() => undefined) : host.sleep(length, signal)),
      }
      const {carrier, listener} = await carrierOf({}, {queueType}, clock)
      const sender = new Sender(carrier)
      for (let number = 0; number < 20; number++) for (const voice of [0, 1]) sender.say(voice, number)
      await vi.waitFor(() => expect(listener.arrivalCount).toBe(40), SOON)
      held = false
      await closeConnections(4)
      await vi.waitFor(() => expect(listener.arrivalCount).toBe(80), SOON)
      for (const seat of [0, 1]) {
        const arrivals = listener.at(seat)
        const expected = Array.from({length: 20}, (_, number) => `${seat} ${seat} ${number}`)
        expect(arrivals.slice(0, 20)).toEqual(expected.map((text) => ({text, again: false})))
        expect(arrivals.slice(20)).toEqual(expected.map((text) => ({text, again: true})))
      }
      expect(listener.losses).toContain('CONNECTION_FORCED')
    })

    it('knows of each message what became of it, though all connections are closed while it sends', async () => {
      await siteOf({}, {queueType}).prepare()
      const {carrier, listener} = await carrierOf({}, {queueType})
      const sender = new Sender(carrier)
      const numbers = [0, 0]
      let refused = 0
      const say = (): void => {
        for (const voice of [0, 1])
          if (sender.say(voice, numbers[voice] ?? 0)) numbers[voice] = (numbers[voice] ?? 0) + 1
          else refused++
      }
      const enough = new AbortController()
      const all = (async () => {
        while (!enough.signal.aborted) {
          for (let times = 0; times < 5; times++) say()
          await pause(5)
        }
      })()
      await vi.waitFor(() => expect(listener.ticketsWith('accepted').length).toBeGreaterThan(200), SOON)
      await closeConnections(4)
      await vi.waitFor(() => expect(refused).toBeGreaterThan(0), SOON)
      const before = listener.ticketsWith('accepted').length
      await vi.waitFor(() => expect(listener.ticketsWith('accepted').length).toBeGreaterThan(before + 200), SOON)
      enough.abort()
      await all
      await vi.waitFor(() => expect(listener.answers.size).toBe(sender.next), SOON)
      const accepted = listener.ticketsWith('accepted').map((ticket) => sender.texts[ticket] ?? '')
      const came = () => new Set([...listener.firsts(0), ...listener.firsts(1)])
      await vi.waitFor(() => {
        const there = came()
        expect(accepted.filter((text) => !there.has(text))).toEqual([])
      }, SOON)

      expect(listener.ticketsWith('failed')).toEqual([])
      const said = new Set(sender.texts)
      expect([...came()].filter((text) => !said.has(text))).toEqual([])
      for (const seat of [0, 1]) {
        expect(listener.unmarked(seat)).toEqual([])
        const order = listener.firsts(seat).map((text) => Number(text.split(' ')[2]))
        expect(order).toEqual(order.toSorted((a, b) => a - b))
      }
      expect(listener.wrong).toEqual([])
      expect(listener.losses.filter((reason) => reason === 'CONNECTION_FORCED').length).toBeGreaterThanOrEqual(4)
    })
  })

  it('names a message that no queue takes, and carries on with the other rooms', async () => {
    const site = siteOf()
    await site.prepare()
    const {carrier, listener} = await carrierOf()
    await operator.createChannel().then((channel) => channel.deleteQueue(`proofload-${run}-0-0`))
    const sender = new Sender(carrier)
    for (let number = 0; number < 3; number++) for (const voice of [0, 1]) expect(sender.say(voice, number)).toBe(true)
    await vi.waitFor(() => expect(listener.answers.size).toBe(6), SOON)
    for (const [ticket, answer] of listener.answers) {
      const lost = sender.texts[ticket]?.startsWith('0 ')
      expect(answer).toEqual(
        lost ? {outcome: 'failed', reason: 'unroutable'} : {outcome: 'accepted', reason: undefined},
      )
    }
    await vi.waitFor(() => expect(listener.at(1)).toHaveLength(3), SOON)
    await vi.waitFor(() => expect(listener.losses).toEqual(expect.arrayContaining(['cancelled', 'NOT_FOUND'])), SOON)
  })

  it.each([
    ['failed, when its only queue refuses it', 1, 'failed'],
    ['unknown, when one of its two queues refuses it and the other one has it', 2, 'unknown'],
  ] as const)('calls a message that is nacked %s', async (_name, fanout, outcome) => {
    const layout = {...LAYOUT, fanout}
    await siteOf({layout}).prepare()
    const {carrier, listener} = await carrierOf({layout})
    const policy = `policies/%2f/${run}`
    const definition = {'max-length': 0, overflow: 'reject-publish'}
    await rabbitmq.api('PUT', policy, {pattern: `^proofload-${run}-0-0$`, definition, 'apply-to': 'queues'})
    // The queue hears of the policy in its own time.
    let ticket = 0
    await vi.waitFor(async () => {
      carrier.publish({room: 0, voice: 0, ticket: ticket++, text: 'x'})
      await vi.waitFor(() => expect(listener.answers.size).toBe(ticket), SOON)
      expect(listener.answers.get(ticket - 1)).toEqual({outcome, reason: 'nack'})
    }, SOON)
    await rabbitmq.api('DELETE', policy)
    await vi.waitFor(async () => {
      carrier.publish({room: 0, voice: 0, ticket: ticket++, text: 'x'})
      await vi.waitFor(() => expect(listener.answers.size).toBe(ticket), SOON)
      expect(listener.answers.get(ticket - 1)?.outcome).toBe('accepted')
    }, SOON)
    expect(listener.losses).toEqual([])
  })

  it('refuses while the server is blocked, gives up on what waits too long, and goes on when it is not any more', async () => {
    await siteOf().prepare()
    const patient = await carrierOf()
    const hasty = await carrierOf({timeoutMs: 300})
    const sender = new Sender(patient.carrier)
    try {
      await rabbitmq.control('set_vm_memory_high_watermark', '0')
      // The first one makes the server say so; whatever leaves before that waits.
      hasty.carrier.publish({room: 0, voice: 0, ticket: 0, text: 'hasty'})
      for (let number = 0; number < 100_000 && sender.say(0, number); number++) await turn()
      expect(sender.say(0, 100_000)).toBe(false)
      await vi.waitFor(
        () => expect(hasty.listener.answers.get(0)).toEqual({outcome: 'unknown', reason: 'timeout'}),
        SOON,
      )
      expect(patient.listener.answers.size).toBe(0)
      await expect(siteOf({run: `${run.slice(0, 4)}zzzz`}).prepare()).rejects.toThrow(
        /says that the connection is blocked/,
      )
    } finally {
      await rabbitmq.control('set_vm_memory_high_watermark', '0.4')
    }
    const ready = {room: 0, voice: 0, ticket: sender.next, text: 'ready'}
    await vi.waitFor(() => expect(patient.carrier.publish(ready)).toBe(true), SOON)
    await vi.waitFor(() => expect(patient.listener.answers.size).toBe(sender.next + 1), SOON)
    expect(patient.listener.ticketsWith('accepted')).toHaveLength(sender.next + 1)
    await vi.waitFor(
      () => expect([...patient.listener.firsts(0), ...hasty.listener.firsts(0)]).toContain('hasty'),
      SOON,
    )
    expect([patient.listener.wrong, hasty.listener.wrong]).toEqual([[], []])
  })

  it('answers what is still open when it is disposed of', async () => {
    await siteOf().prepare()
    const {carrier, listener} = await carrierOf()
    for (let ticket = 0; ticket < 50; ticket++) carrier.publish({room: 0, voice: 0, ticket, text: 'x'})
    await carrier[Symbol.asyncDispose]()
    expect(listener.answers.size).toBe(50)
    expect([...listener.answers.values()].filter(({outcome}) => outcome === 'failed')).toEqual([])
    expect(carrier.publish({room: 0, voice: 0, ticket: 50, text: 'x'})).toBe(false)
    expect(listener.losses).toEqual([])
  })

  it('does not open where the queues are not, and says so', async () => {
    await expect(carrierOf()).rejects.toThrow(TargetError)
    await expect(carrierOf()).rejects.toThrow(/NOT_FOUND - no queue 'proofload-test/)
  })

  it('speaks TLS with the certificates that it is given', async () => {
    const ca = readFileSync(new URL('../../fixtures/tls/ca.pem', import.meta.url), 'utf8')
    const urls = [rabbitmq.secureUrl]
    await siteOf({urls, tls: {ca, insecure: false}}).prepare()
    const {carrier, listener} = await carrierOf({urls, tls: {ca, insecure: false}})
    expect(carrier.publish({room: 1, voice: 1, ticket: 0, text: 'secret'})).toBe(true)
    await vi.waitFor(() => expect(listener.firsts(1)).toEqual(['secret']), SOON)
    const unknown = siteOf({urls, run: `${run.slice(0, 4)}zzzz`})
    await expect(unknown.prepare()).rejects.toMatchObject({hint: expect.stringContaining('--ca') as string})
  })

  describe('the site', () => {
    it('makes an exchange and a queue for each seat, tells server and depth, and removes them', async () => {
      const site = siteOf({layout: {...LAYOUT, fanout: 2}})
      expect(site.server).toBeUndefined()
      await site.prepare()
      expect(site.server).toMatch(/^RabbitMQ \d+\.\d+\.\d+/)
      expect((await traces()).toSorted()).toEqual(
        ['', '-0-0', '-0-1', '-1-0', '-1-1'].map((end) => `proofload-${run}${end}`),
      )
      expect(await site.depth()).toBe(0)
      const channel = await operator.createConfirmChannel()
      for (let n = 0; n < 3; n++) channel.publish(`proofload-${run}`, `proofload-${run}-1`, Buffer.from('x'))
      await channel.waitForConfirms()
      await vi.waitFor(async () => expect(await site.depth()).toBe(6), SOON)
      expect(await site.remove()).toEqual([])
      expect(await traces()).toEqual([])
      expect(await site.remove()).toEqual([])
    })

    it('removes everything though its own connection was closed meanwhile', async () => {
      const site = siteOf()
      await site.prepare()
      await closeConnections(1)
      expect(await site.remove()).toEqual([])
      expect(await traces()).toEqual([])
    })

    it.each([
      ['a queue of the very same kind', {durable: true, arguments: {'x-queue-type': 'classic'}}],
      ['another kind of queue', {durable: true, arguments: {'x-queue-type': 'quorum'}}],
      ['a queue of one connection', {durable: false, exclusive: true}],
    ])('refuses %s that has the name of one of ours, and leaves it and its messages alone', async (_name, options) => {
      const queue = `proofload-${run}-1-0`
      const channel = await operator.createConfirmChannel()
      await channel.assertQueue(queue, options)
      channel.sendToQueue(queue, Buffer.from('theirs'))
      await channel.waitForConfirms()
      const site = siteOf()
      const trying = site.prepare()
      await expect(trying).rejects.toThrow(UsageError)
      await expect(trying).rejects.toThrow(`there is a queue ${queue} already`)
      expect(await site.remove()).toEqual([])
      expect(await traces()).toEqual([queue])
      expect((await channel.checkQueue(queue)).messageCount).toBe(1)
      await channel.deleteQueue(queue)
    })

    it('refuses an exchange that has the name of ours, and leaves it alone', async () => {
      const exchange = `proofload-${run}`
      const channel = await operator.createChannel()
      await channel.assertExchange(exchange, 'direct', {durable: true, autoDelete: true})
      await expect(siteOf().prepare()).rejects.toThrow(`there is an exchange ${exchange} already`)
      expect(await traces()).toEqual([exchange])
      await channel.deleteExchange(exchange)
    })

    describe("with the user's exchange", () => {
      let channel: Channel
      const chosen = {exchange: 'their-chat', routingKey: 'rooms.{{room}}.said'}
      beforeEach(async () => {
        channel = await operator.createChannel()
        channel.on('error', () => undefined)
        await channel.assertExchange('their-chat', 'topic', {durable: true})
        await channel.assertQueue('their-queue', {durable: true})
        await channel.bindQueue('their-queue', 'their-chat', 'rooms.#')
      })
      afterEach(async () => {
        await channel.deleteExchange('their-chat')
        await channel.deleteQueue('their-queue')
      })

      it('binds its queues with their key, and leaves exchange and queues of theirs as they were', async () => {
        const site = siteOf({}, chosen)
        await site.prepare()
        const {carrier, listener} = await carrierOf({}, chosen)
        for (const room of [0, 1]) carrier.publish({room, voice: room, ticket: room, text: `to ${room}`})
        await vi.waitFor(() => expect([listener.firsts(0), listener.firsts(1)]).toEqual([['to 0'], ['to 1']]), SOON)
        expect(await site.remove()).toEqual([])
        await channel.checkExchange('their-chat')
        // Our first message, which showed that it takes any, and the two.
        expect((await channel.checkQueue('their-queue')).messageCount).toBe(3)
        expect(await traces()).toEqual([])
      })

      it('says when there is no such exchange', async () => {
        const trying = siteOf({}, {...chosen, exchange: 'nowhere'}).prepare()
        await expect(trying).rejects.toThrow(TargetError)
        await expect(trying).rejects.toThrow("no exchange 'nowhere' in vhost '/'")
      })

      it('refuses one that brings the messages of a room to all rooms', async () => {
        await channel.deleteExchange('their-chat')
        await channel.assertExchange('their-chat', 'fanout', {durable: true})
        const trying = siteOf({}, chosen).prepare()
        await expect(trying).rejects.toThrow(UsageError)
        await expect(trying).rejects.toThrow("the exchange 'their-chat' brings what is meant for one room to others")
        expect(await traces()).toEqual([])
        await siteOf({layout: {...LAYOUT, rooms: 1, publishers: 1, consumers: 1}}, chosen).prepare()
      })
    })

    it.each([
      [
        'a wrong password',
        () => rabbitmq.url.replace(':guest@', ':geheim@'),
        'it refused user or password',
        'percent-encoded',
      ],
      [
        'an unknown virtual host',
        () => `${rabbitmq.url}/nowhere`,
        "virtual host 'nowhere' cannot be used",
        'check its name',
      ],
      ['a port where nobody listens', () => 'amqp://127.0.0.1:1', 'nobody listens there', 'start the server'],
      [
        'another protocol',
        () => rabbitmq.url.replace(/:\d+$/, `:${new URL(rabbitmq.managementUrl).port}`),
        'cannot be used',
        'AMQP 0-9-1',
      ],
      ['TLS where there is none', () => rabbitmq.url.replace('amqp:', 'amqps:'), 'cannot be used', 'amqp://'],
    ])('says what to try with %s, and no secret', async (_name, url, message, hint) => {
      const trying = siteOf({urls: [url()], timeoutMs: 2000}).prepare()
      await expect(trying).rejects.toThrow(TargetError)
      await expect(trying).rejects.toThrow(message)
      await expect(trying).rejects.toMatchObject({hint: expect.stringContaining(hint) as string})
      await expect(trying).rejects.not.toThrow('geheim')
    })

    it('says which permission a user lacks', async () => {
      await rabbitmq.api('PUT', 'users/nobody', {password: 'geheim', tags: ''})
      await rabbitmq.api('PUT', 'permissions/%2f/nobody', {configure: '^$', write: '.*', read: '.*'})
      const trying = siteOf({urls: [rabbitmq.url.replace('guest:guest', 'nobody:geheim')]}).prepare()
      await expect(trying).rejects.toThrow(/ACCESS_REFUSED - access to exchange/)
      await expect(trying).rejects.toMatchObject({hint: expect.stringContaining('set_permissions') as string})
      expect(await traces()).toEqual([])
    })

    it('refuses messages that are larger than what the server takes, and leaves nothing', async () => {
      await rabbitmq.control('eval', 'application:set_env(rabbit, max_message_size, 100000).')
      const trying = siteOf({payloadBytes: 100_001}).prepare()
      await expect(trying).rejects.toThrow(UsageError)
      await expect(trying).rejects.toThrow(/a message of 100001 bytes is larger than what this RabbitMQ takes/)
      expect(await traces()).toEqual([])
      await siteOf({payloadBytes: 100_000}).prepare()
    })
  })
})
