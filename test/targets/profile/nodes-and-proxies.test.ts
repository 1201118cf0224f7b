import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {loadProfile} from '../../../src/lib/targets/profile/load-profile.js'
import {folderWith} from './folder.js'

async function load(text: string) {
  const folder = await folderWith({'proofload.yaml': `targets: [ws://localhost]\nprotocol: json\n${text}`})
  return loadProfile(join(folder, 'proofload.yaml'), {})
}

describe('what a profile lets faults disturb', () => {
  test('nodes by process or by commands, and proxies by their API', async () => {
    const profile = await load(
      [
        'nodes:',
        '  - {name: chat-1, pid: 4711}',
        '  - {name: chat-2, inject: [docker, kill, chat-2], revert: [docker, start, chat-2]}',
        "proxies: {redis: {api: 'http://127.0.0.1:8474'}}",
      ].join('\n'),
    )
    expect(profile.nodes).toEqual([
      {name: 'chat-1', pid: 4711},
      {name: 'chat-2', inject: ['docker', 'kill', 'chat-2'], revert: ['docker', 'start', 'chat-2']},
    ])
    expect(profile.proxies).toEqual({redis: {api: 'http://127.0.0.1:8474'}})
  })

  test('nothing, when it names nothing', async () => {
    expect(await load('')).toMatchObject({nodes: [], proxies: {}})
  })

  test.each([
    ['a node of no kind', 'nodes:\n  - {name: a}\n', "yaml:4: 'nodes[0]' must have a 'pid' or an 'inject' command"],
    ['a node with a typo', 'nodes:\n  - {name: a, pd: 5}\n', "yaml:4: unknown key 'pd', did you mean 'pid'?"],
    [
      'two nodes of one name',
      'nodes:\n  - {name: a, pid: 5}\n  - {name: a, pid: 6}\n',
      "yaml:5: there are two nodes 'a'",
    ],
    ['the first process', 'nodes:\n  - {name: a, pid: 1}\n', 'yaml:4: process 1 is never disturbed'],
    ['a command that is a shell line', 'nodes:\n  - {name: a, inject: docker kill a}\n', 'must be a list'],
    ['a proxy without its API', 'proxies: {redis: {}}\n', "yaml:3: 'proxies.redis.api' is missing"],
    ['a proxy by another scheme', "proxies: {redis: {api: 'redis://h'}}\n", 'yaml:3: '],
    ['a proxy with a password', "proxies: {redis: {api: 'http://a:b@h:8474'}}\n", 'takes no name and no password'],
  ])('but not %s', async (_what, text, message) => {
    await expect(load(text)).rejects.toThrow(message)
  })
})
