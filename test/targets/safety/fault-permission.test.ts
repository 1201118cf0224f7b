import {expect, test} from 'vitest'
import {checkFaultHosts} from '../../../src/lib/targets/safety/fault-permission.js'

const lookup = (host: string) => Promise.resolve(host === 'localhost' ? ['127.0.0.1', '::1'] : ['10.0.0.5'])

function check(url: string, allowHosts: readonly string[], environment?: string) {
  return checkFaultHosts([url], {allowHosts, allowProduction: false, environment}, lookup)
}

test.each([
  ['this machine, by its address', 'redis://127.0.0.1:6379', ['127.0.0.1']],
  ['this machine, by its name', 'redis://:secret@localhost', ['localhost']],
  ['this machine, by all its addresses', 'redis://localhost', ['127.0.0.0/8', '::1']],
  ['another host', 'postgres://db.staging/chat', ['db.staging']],
  ['another host, by its network', 'postgres://db.staging/chat', ['10.0.0.0/8']],
])('a fault is allowed on %s', async (_what, url, hosts) => {
  expect(await check(url, hosts)).toHaveLength(1)
})

test.each([
  [
    'this machine',
    'redis://127.0.0.1:6379',
    [],
    'a fault on 127.0.0.1 is not allowed, as that may be a tunnel: to allow it, add --allow-host 127.0.0.1',
  ],
  ['one of its addresses alone', 'redis://localhost', ['127.0.0.1'], 'add --allow-host localhost'],
  [
    'another host',
    'postgres://db.staging/chat',
    ['localhost'],
    'a fault on db.staging is not allowed: to allow it, add --allow-host db.staging',
  ],
  [
    'what looks like production',
    'postgres://db.prod/chat',
    ['db.prod'],
    'which looks like production, is not allowed: to allow it, add --allow-production',
  ],
])('a fault on %s needs its permission', async (_what, url, hosts, message) => {
  await expect(check(url, hosts)).rejects.toThrow(message)
})

test('a tunnel to production needs the other permission too', async () => {
  await expect(check('redis://127.0.0.1', ['127.0.0.1'], 'production')).rejects.toThrow('add --allow-production')
})
