import {describe, expect, test} from 'vitest'
import {UsageError} from '../../src/lib/base/errors.js'
import type {NodeHandle} from '../../src/lib/faults/fault.js'
import {parseFault} from '../../src/lib/faults/grammar.js'
import {settleFaults} from '../../src/lib/faults/settle.js'

const NODES: readonly NodeHandle[] = [
  {name: 'chat-1', pid: 4711},
  {name: 'chat-2', inject: ['docker', 'kill', 'chat-2'], revert: ['docker', 'start', 'chat-2']},
]
const SETTING = {durationMs: 30_000, allowSticky: true, nodes: NODES, proxies: ['redis', 'postgres']}

function settle(texts: readonly string[], change: Partial<typeof SETTING> = {}) {
  return settleFaults(texts.map(parseFault), {...SETTING, ...change})
}

describe('settling', () => {
  test('puts faults in their order, values in base units, and fills in what is usual', () => {
    expect(
      settle(['net.bandwidth(proxy=redis,rate=64KiB/s,share=50%) at 10s for 5s', 'redis.kill(type=pubsub) at 5s']),
    ).toEqual([
      {
        name: 'redis.kill',
        class: 'one-shot',
        needs: 'redis',
        text: 'redis.kill(type=pubsub) at 5s',
        parameters: {type: 'pubsub', share: 1},
        atMs: 5000,
        forMs: 0,
      },
      {
        name: 'net.bandwidth',
        class: 'proxied',
        needs: 'proxy',
        text: 'net.bandwidth(proxy=redis,rate=64KiB/s,share=50%) at 10s for 5s',
        parameters: {proxy: 'redis', rate: 65_536, stream: 'both', share: 0.5},
        atMs: 10_000,
        forMs: 5000,
      },
    ])
  })

  test('of a node that is brought back is sticky', () => {
    const faults = settle(['node.kill(node=chat-2) at 1s for 5s', 'node.kill(node=chat-1) at 2s'])
    expect(faults.map((fault) => fault.class)).toEqual(['sticky', 'one-shot'])
  })

  test.each([
    ['the same fault twice, one after the other', ['pg.exhaust at 1s for 5s', 'pg.exhaust at 6s for 5s']],
    ['the same fault on two proxies', ['net.down(proxy=redis) at 1s for 5s', 'net.down(proxy=postgres) at 1s for 5s']],
    ['the same fault on two tables', ['pg.lock-table(table=a) at 1s for 5s', 'pg.lock-table(table=b) at 2s for 5s']],
    ['two different faults at once', ['redis.pause-write at 1s for 5s', 'redis.kill at 2s']],
    [
      'two that are over at once, of different ones',
      ['redis.kill(type=pubsub) at 1s', 'redis.kill(type=normal) at 1s'],
    ],
    ['one that ends with the run', ['pg.exhaust at 1s for 29s']],
  ])('takes %s', (_what, texts) => expect(settle(texts)).toHaveLength(texts.length))

  test.each([
    [
      'an unknown fault',
      'redis.disconect at 1s for 1s',
      "there is no fault 'redis.disconect', did you mean 'redis.disconnect'?",
    ],
    ['an unknown parameter', 'redis.kill(typ=all) at 1s', "redis.kill has no parameter 'typ', did you mean 'type'?"],
    [
      'a parameter where there is none',
      'pg.read-only(limit=1) at 1s for 1s',
      "takes no parameters, but 'limit' was given",
    ],
    ['a missing parameter', 'pg.lock-table at 1s for 1s', "pg.lock-table needs 'table': the table"],
    ['a word that is no choice', 'redis.kill(type=pubsb) at 1s', "type: unknown value 'pubsb', did you mean 'pubsub'?"],
    [
      'a duration without its unit',
      'net.latency(proxy=redis,latency=200) at 1s for 1s',
      'latency: expected a positive duration',
    ],
    ['nothing of what must be something', 'net.latency(proxy=redis,latency=0ms) at 1s for 1s', "got '0ms'"],
    [
      'a rate that is none',
      'net.bandwidth(proxy=redis,rate=fast) at 1s for 1s',
      'rate (bytes a second): expected a positive size',
    ],
    ['a share of more than all', 'redis.kill(share=150%) at 1s', 'it cannot be more than 100%'],
    [
      'a proxy that is not known',
      'net.down(proxy=redi) at 1s for 1s',
      "there is no proxy 'redi': did you mean 'redis'?",
    ],
    ['a node that is not known', 'node.kill(node=chat1) at 1s', "there is no node 'chat1': did you mean 'chat-1'?"],
    ['a time at the end of the run', 'redis.kill at 30s', 'the run is over by then: it takes 30s'],
    ['an end after the end of the run', 'pg.exhaust at 28s for 5s', 'it ends at 33s, after the end of the run at 30s'],
    ['a fault that lasts for no time', 'pg.exhaust at 1s', "pg.exhaust lasts: say how long, e.g. 'for 5s'"],
    ['a time for what is over at once', 'redis.kill at 1s for 5s', "redis.kill is over at once: leave out 'for'"],
    [
      'a time for a node that nobody brings back',
      'node.kill(node=chat-1) at 1s for 5s',
      "the node has no 'revert' command",
    ],
  ])('refuses %s', (_what, text, why) => {
    expect(() => settle([text])).toThrow(UsageError)
    expect(() => settle([text])).toThrow(`fault '${parseFault(text).text}': `)
    expect(() => settle([text])).toThrow(why)
  })

  test.each([
    ['pg.exhaust at 1s for 5s', 'pg.exhaust(leave=3) at 5s for 5s'],
    ['net.down(proxy=redis) at 1s for 5s', 'net.down(proxy=redis) at 2s for 1s'],
    ['redis.kill at 1s', 'redis.kill at 1s'],
  ])('refuses %j beside %j', (first, second) => {
    expect(() => settle([second, first])).toThrow(`fault '${second}': overlaps '${first}'`)
  })

  test.each([
    'redis.max-clients at 1s for 5s',
    'pg.read-only at 1s for 5s',
    'pg.connection-limit at 1s for 5s',
    'node.pause(node=chat-1) at 1s for 5s',
    'node.kill(node=chat-2) at 1s for 5s',
  ])('refuses %j without a flag, which it names', (text) => {
    expect(() => settle([text], {allowSticky: false})).toThrow('to allow it, add --allow-sticky')
  })

  test('takes any name where nobody knows the names yet', () => {
    const texts = ['net.down(proxy=any) at 1s for 1s', 'node.kill(node=any) at 1s']
    expect(settleFaults(texts.map(parseFault), {durationMs: 30_000, allowSticky: false})).toHaveLength(2)
  })
})
