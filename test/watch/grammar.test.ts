/** What --watch takes, how each system is called, and what is said about what it does not take. */
import {describe, expect, test} from 'vitest'
import {UsageError} from '../../src/lib/base/errors.js'
import {parseWatches} from '../../src/lib/watch/grammar.js'
import {practiceWatches} from '../../src/lib/watch/practice-watches.js'
import {placeOf} from '../../src/lib/watch/spec.js'

function refusalOf(...texts: string[]): UsageError {
  try {
    parseWatches(texts)
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('systems', () => {
  test.each([
    ['a process', 'pid:4711', {kind: 'process', name: 'pid-4711', pid: 4711}],
    ['a process with a name', 'chat=pid:4711', {kind: 'process', name: 'chat', pid: 4711}],
    ['blanks around', '  chat = pid:4711 ', {kind: 'process', name: 'chat', pid: 4711}],
    [
      'a page',
      'http://host:9100/metrics',
      {kind: 'prometheus', name: 'host:9100', url: 'http://host:9100/metrics', metrics: []},
    ],
    [
      'metrics of a page, which are not sent',
      'api=https://host/metrics?format=text&metrics=a_total,b,a_total',
      {kind: 'prometheus', name: 'api', url: 'https://host/metrics?format=text', metrics: ['a_total', 'b']},
    ],
    [
      'all metrics of a page',
      'http://h/m?metrics=*',
      {kind: 'prometheus', name: 'h', url: 'http://h/m', metrics: 'all'},
    ],
    ['a Postgres', 'postgres://u:p@h/d', {kind: 'postgres', name: 'postgres', url: 'postgres://u:p@h/d'}],
    ['the other way to write it', 'postgresql://h/d', {kind: 'postgres', name: 'postgres', url: 'postgresql://h/d'}],
    [
      'an equals sign in a URL is no name',
      'postgres://h/d?sslmode=disable',
      {kind: 'postgres', name: 'postgres', url: 'postgres://h/d?sslmode=disable'},
    ],
    ['a Redis over TLS', 'cache=rediss://:p@h:6380', {kind: 'redis', name: 'cache', url: 'rediss://:p@h:6380'}],
    ['a RabbitMQ', 'rabbitmq+http://u:p@h:15672', {kind: 'rabbitmq', name: 'rabbitmq', url: 'http://u:p@h:15672'}],
    ['a RabbitMQ over TLS', 'mq=rabbitmq+https://h/prefix', {kind: 'rabbitmq', name: 'mq', url: 'https://h/prefix'}],
  ])('%s: %s', (_, text, spec) => expect(parseWatches([text])).toEqual([spec]))

  test('those without a name are numbered, past the names that were given', () =>
    expect(
      parseWatches(['redis://a', 'redis-2=redis://b', 'redis://c', 'pid:7', 'redis=redis://d']).map(({name}) => name),
    ).toEqual(['redis-3', 'redis-2', 'redis-4', 'pid-7', 'redis']))

  test('their places have no secrets', () => {
    const texts = ['pid:7', 'postgres://u:hunter2@h:5432/d', 'redis://:hunter2@h', 'http://u:hunter2@h/m?token=hunter2']
    expect(parseWatches(texts).map(placeOf)).toEqual([
      'process 7',
      'postgres at h:5432',
      'redis at h',
      'http://u:***@h/m?token=***',
    ])
  })
})

describe('what is not taken is refused with the nearest right form', () => {
  test.each([
    ['pid=4711', 'write pid:4711'],
    ['4711', 'write pid:4711'],
    ['chat=4711', 'write pid:4711'],
    ['pid:', 'known forms'],
    ['pid:0', 'write pid:4711'],
    ['host:9100/metrics', 'write http://host:9100/metrics'],
    ['prometheus://host:9100', 'write http://host:9100/metrics'],
    ['amqp://u:p@host', 'write rabbitmq+http://user:password@host:15672'],
    ['rabbitmq://host', 'write rabbitmq+http://user:password@host:15672'],
    ['postgers://host', 'write postgres://user@host:5432/database'],
    ['redi://host', 'write redis://host:6379'],
    ['redis+cluster://a,b', 'write redis://host:6379'],
    ['http://', 'write http://host:9100/metrics'],
    ['redis://', 'write redis://host:6379'],
    ['nothing like it', 'known forms'],
    ['', 'known forms'],
  ])("'%s': %s", (text, hint) => expect(refusalOf(text).hint).toContain(hint))

  test('two systems of one name', () =>
    expect(refusalOf('a=pid:7', 'a=redis://h').message).toBe("--watch: two systems are called 'a'"))

  test('without the secrets that were typed', () => {
    const {message} = refusalOf('postgers://u:hunter2@host/db')
    expect(message).toContain('postgers://u:***@host')
    expect(message).not.toContain('hunter2')
  })
})

test('a drill against the practice target watches its nodes, its Redis and its Postgres', () => {
  const nodes = [{name: 'node-1', pid: 7}, {name: 'node-2', pid: 8}, {name: 'elsewhere'}]
  expect(practiceWatches({redis: 'redis://h', postgres: 'postgres://h/d', nodes})).toEqual([
    {kind: 'process', name: 'node-1', pid: 7},
    {kind: 'process', name: 'node-2', pid: 8},
    {kind: 'redis', name: 'redis', url: 'redis://h'},
    {kind: 'postgres', name: 'postgres', url: 'postgres://h/d'},
  ])
  expect(practiceWatches({nodes: []})).toEqual([])
})
