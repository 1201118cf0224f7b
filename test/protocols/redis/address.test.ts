/** Redis URLs as they are typed. */
import {describe, expect, test} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {eachNode, nodeOf, oneRedisUrl, parseRedisUrl} from '../../../src/lib/protocols/redis/address.js'

const LOCAL = {host: 'localhost', port: 6379}

describe('a Redis URL', () => {
  test.each([
    ['redis://localhost', {kind: 'server', hosts: [LOCAL], tls: false, database: 0, place: 'localhost:6379'}],
    ['rediss://localhost:7000/3', {kind: 'server', hosts: [{host: 'localhost', port: 7000}], tls: true, database: 3}],
    ['redis://user:p%40ss%2Fw@localhost', {username: 'user', password: 'p@ss/w', place: 'localhost:6379'}],
    ['redis://:secret@localhost', {password: 'secret'}],
    ['redis://[::1]:7000', {hosts: [{host: '::1', port: 7000}], place: '[::1]:7000'}],
    [
      'redis+cluster://u:p@a:1,b',
      {
        kind: 'cluster',
        hosts: [
          {host: 'a', port: 1},
          {host: 'b', port: 6379},
        ],
        username: 'u',
      },
    ],
    ['rediss+cluster://a', {kind: 'cluster', tls: true}],
    [
      'redis+sentinel://:s@a,b:7/mymaster/2',
      {
        kind: 'sentinel',
        hosts: [
          {host: 'a', port: 26379},
          {host: 'b', port: 7},
        ],
        master: 'mymaster',
        database: 2,
      },
    ],
  ])('%s is read', (url, parts) => {
    expect(parseRedisUrl(url)).toMatchObject(parts)
  })

  test('has no user and no password when none is written', () => {
    expect(Object.keys(parseRedisUrl('redis://localhost'))).not.toContain('password')
  })

  test.each([
    ['http://localhost', /begins with none/],
    ['localhost:6379', /begins with none/],
    ['redis://', /a host in it/],
    ['redis://a,b', /several hosts/],
    ['redis://a:99999', /port/],
    ['redis://a/one', /database/],
    ['redis://a/1/2', /database/],
    ['redis+cluster://a/1', /no database but 0/],
    ['redis+sentinel://a', /what the sentinels call/],
    ['redis://%zz@a', /stands for nothing/],
  ])('%s is refused, and told how to write it', (url, why) => {
    const attempt = () => parseRedisUrl(url)
    expect(attempt).toThrow(UsageError)
    expect(attempt).toThrow(why)
  })

  test('keeps its password out of the refusal', () => {
    expect(() => parseRedisUrl('redis://user:hidden@a:99999')).toThrow(
      expect.not.objectContaining({message: expect.stringContaining('hidden') as string}),
    )
  })

  test('must be one', () => {
    expect(() => oneRedisUrl(['redis://a', 'redis://b'])).toThrow(UsageError)
    expect(() => oneRedisUrl([])).toThrow(UsageError)
  })

  test('of a cluster stands for a URL of each node, which connections take in turn', () => {
    const nodes = eachNode(['rediss+cluster://u:p@a:1,b,[::1]:3'])
    expect(nodes).toEqual(['rediss://u:p@a:1', 'rediss://u:p@b:6379', 'rediss://u:p@[::1]:3'])
    expect([0, 1, 2, 3].map((connection) => nodeOf(nodes, connection)[0])).toEqual([...nodes, nodes[0]])
    expect(eachNode(['redis://u:p@a/2'])).toEqual(['redis://u:p@a/2'])
  })
})
