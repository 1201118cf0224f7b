/** What the message store in Postgres cannot do is told before anything is sent. */
import {describe, expect, test} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {checkPostgres, type PostgresAsked} from '../../../src/lib/protocols/postgres/check-layout.js'

const FINE: PostgresAsked = {durationMs: 30_000, urls: ['postgres://a/x', 'postgres://a/y']}

describe('what the message store in Postgres is asked', () => {
  test.each<[string, Partial<PostgresAsked>]>([
    ['two shards', {}],
    ['a fanout of one', {fanout: 1}],
    ['a partition a second', {partitions: 30}],
  ])('may be %s', (_what, asked) => {
    expect(() => checkPostgres({...FINE, ...asked})).not.toThrow()
  })

  test.each<[string, Partial<PostgresAsked>, RegExp]>([
    ['a fanout', {fanout: 2}, /--fanout 2/],
    ['consumers', {consumers: 1}, /--consumers/],
    ['zero partitions', {partitions: 0}, /--partitions 0 is no number/],
    ['half a partition', {partitions: 1.5}, /--partitions 1.5 is no number/],
    ['partitions of less than a second', {partitions: 31}, /less than 1s/],
    [
      'the same URL twice',
      {urls: ['postgres://u:hunter2@a/x', 'postgres://u:hunter2@a/x']},
      /shard 2 has the same URL as shard 1/,
    ],
    ['a zero byte', {sample: 'a\0b'}, /zero byte/],
  ])('is no %s', (_what, asked, words) => {
    expect(() => checkPostgres({...FINE, ...asked})).toThrow(UsageError)
    expect(() => checkPostgres({...FINE, ...asked})).toThrow(words)
    expect(() => checkPostgres({...FINE, ...asked})).not.toThrow('hunter2')
  })
})
