/** What can be known about RabbitMQ without one: names, keys, and what nobody could carry. */
import {describe, expect, it, test} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {hasQuorumQueues} from '../../../src/lib/protocols/amqp/amqp-site.js'
import {checkAmqp, namesOf, type AmqpOptions} from '../../../src/lib/protocols/amqp/options.js'
import {notUsable, reasonOf} from '../../../src/lib/protocols/amqp/reasons.js'

const options: AmqpOptions = {queueType: 'quorum', prefetch: 100}
const layout = {rooms: 3, publishers: 3, fanout: 2, consumers: 1}

describe('names', () => {
  it('carry the run, the room and the seat in it', () => {
    const {exchange, keyOf, queueOf} = namesOf('k3x9a0zz', layout, options)
    expect([exchange, keyOf(2), queueOf(0), queueOf(5)]).toEqual([
      'proofload-k3x9a0zz',
      'proofload-k3x9a0zz-2',
      'proofload-k3x9a0zz-0-0',
      'proofload-k3x9a0zz-2-1',
    ])
  })

  it('of the exchange and the keys are those of the user, of queues never', () => {
    const {exchange, keyOf, queueOf} = namesOf('k3x9a0zz', layout, {
      ...options,
      exchange: 'chat',
      routingKey: 'room.{{room}}.message.{{room}}',
    })
    expect([exchange, keyOf(1), queueOf(2)]).toEqual(['chat', 'room.1.message.1', 'proofload-k3x9a0zz-1-0'])
  })
})

test.each([
  ['a prefetch of nothing', 1, 256, {prefetch: 0}, 'a prefetch of 0'],
  ['half a message', 1, 256, {prefetch: 1.5}, 'a prefetch of 1.5'],
  ['a prefetch beyond 16 bits', 1, 256, {prefetch: 65_536}, 'a prefetch of 65536'],
  ['a message beyond what can be configured', 1, 512 * 1024 * 1024 + 1, {}, 'no message of 536870913 bytes'],
  ['the default exchange', 1, 256, {exchange: ''}, 'default exchange'],
  ['an exchange with a name too long', 1, 256, {exchange: 'x'.repeat(256)}, 'the exchange is longer'],
  [
    'a key that is too long once the room stands in it',
    10,
    256,
    {routingKey: `${'x'.repeat(254)}{{room}}`},
    'key is longer',
  ],
  ['one key for several rooms', 2, 256, {exchange: 'chat', routingKey: 'all'}, 'each of 2 rooms would get'],
])('%s is wrong usage', (_name, rooms, payloadBytes, wrong, words) => {
  const check = () => checkAmqp(rooms, payloadBytes, {...options, ...wrong})
  expect(check).toThrow(UsageError)
  expect(check).toThrow(words)
})

test.each([
  ['the usual', 100, 256, {}],
  ['the highest prefetch', 1, 1, {prefetch: 65_535}],
  ['one key for one room', 1, 256, {exchange: 'chat', routingKey: 'all'}],
])('%s is possible', (_name, rooms, payloadBytes, right) => {
  expect(() => checkAmqp(rooms, payloadBytes, {...options, ...right})).not.toThrow()
})

test.each([
  ['RabbitMQ', '3.7.28', false],
  ['RabbitMQ', '3.8.0', true],
  ['RabbitMQ', '4.1.0', true],
  ['LavinMQ', '2.0.0', true],
])('%s %s: quorum queues are possible: %s', (product, version, possible) => {
  expect(hasQuorumQueues({product, version})).toBe(possible)
})

test.each([
  [Object.assign(new Error('Channel closed by server'), {code: 406}), 'PRECONDITION_FAILED'],
  [Object.assign(new Error('read ECONNRESET'), {code: 'ECONNRESET'}), 'ECONNRESET'],
  [new Error('Handshake terminated by server: 403 (ACCESS-REFUSED) with message "…"'), 'ACCESS_REFUSED'],
  [new Error('Expected ConnectionOpenOk; got <ConnectionClose channel:0>'), 'NOT_ALLOWED'],
  [new Error('Heartbeat timeout'), 'heartbeat'],
  [new Error('connect ETIMEDOUT'), 'ETIMEDOUT'],
  [undefined, 'closed'],
])('the reason of %s is %s', (error, reason) => {
  expect(reasonOf(error)).toBe(reason)
})

test('no secret of the URL is told', () => {
  const {message, hint} = notUsable(new Error('odd'), 'amqp://me:geheim@broker/shop')
  expect(message).toBe("RabbitMQ at broker:5672, virtual host 'shop' cannot be used: odd")
  expect(`${message} ${hint}`).not.toContain('geheim')
})
