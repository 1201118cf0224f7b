import {describe, expect, test} from 'vitest'
import {TargetError, UsageError} from '../../../src/lib/base/errors.js'
import {checkHosts, type Lookup, lookupAll, type Permissions} from '../../../src/lib/targets/safety/allow-list.js'

/** A small world of names. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1', '::1'],
  'box.localhost': ['127.0.0.1'],
  'chat.staging.example': ['10.0.0.1', '10.0.0.2'],
  'a.b.staging.example': ['10.0.0.3'],
  'staging.example': ['10.0.0.4'],
  'chat.prod.example': ['10.1.0.1'],
  'www.staging.example': ['10.0.0.5'],
  'split.example': ['10.0.0.1', '192.0.2.1'],
  'six.example': ['fd00::5', '::ffff:10.0.0.9'],
  'mine.example': ['127.0.0.1'],
  'localhost.evil.example': ['192.0.2.66'],
  'stolen.localhost': ['192.0.2.66'],
  'nowhere.staging.example': [],
  'xn--bcher-kva.example': ['10.0.0.6'],
}

const lookup: Lookup = (host) => {
  const found = NAMES[host]
  return found ? Promise.resolve(found) : Promise.reject(new Error(`getaddrinfo ENOTFOUND ${host}`))
}

function check(url: string, allowHosts: readonly string[] = [], others: Partial<Permissions> = {}) {
  return checkHosts([url], {allowHosts, allowProduction: false, ...others}, lookup)
}

describe('this machine needs no permission', () => {
  test.each([
    ['ws://localhost:8080/ws', 'localhost', ['127.0.0.1', '::1']],
    ['ws://LOCALHOST.', 'localhost', ['127.0.0.1', '::1']],
    ['ws://box.localhost', 'box.localhost', ['127.0.0.1']],
    ['ws://127.0.0.1:1', '127.0.0.1', ['127.0.0.1']],
    ['ws://127.200.3.4', '127.200.3.4', ['127.200.3.4']],
    ['ws://2130706433', '127.0.0.1', ['127.0.0.1']],
    ['ws://[::1]:9', '::1', ['::1']],
    ['ws://[::ffff:127.0.0.5]', '::ffff:7f00:5', ['::ffff:7f00:5']],
    ['redis://:secret@localhost:6379', 'localhost', ['127.0.0.1', '::1']],
  ])('%s', async (url, host, addresses) => {
    expect(await check(url)).toEqual([{url, host, addresses, loopback: true}])
  })
})

describe('any other host needs one that covers it', () => {
  test.each([
    ['its name', 'wss://chat.staging.example', ['chat.staging.example']],
    ['its name in capitals', 'wss://chat.staging.example', ['Chat.Staging.Example.']],
    ['all names of its domain', 'wss://chat.staging.example', ['*.staging.example']],
    ['all names above', 'wss://a.b.staging.example', ['*.staging.example']],
    ['its own address', 'ws://10.0.0.1', ['10.0.0.1']],
    ['its network', 'ws://10.0.0.1', ['10.0.0.0/8']],
    ['the network of all its addresses', 'wss://chat.staging.example', ['10.0.0.0/30']],
    ['networks that cover its addresses together', 'wss://six.example', ['fd00::/8', '10.0.0.0/8']],
    ['any of several', 'wss://chat.staging.example', ['a.example', '*.staging.example']],
    ['its IPv6 address, written otherwise', 'ws://[fd00::5]', ['[FD00:0:0::5]']],
    ['its name, as DNS writes it', 'wss://bücher.example', ['xn--bcher-kva.example']],
    ['its name, as people write it', 'wss://bücher.example', ['*.bücher.example', 'bücher.example']],
    ['its name, though it is here', 'ws://mine.example', ['mine.example']],
  ])('%s', async (_what, url, allowHosts) => {
    expect(await check(url, allowHosts)).toMatchObject([{url}])
  })

  test.each([
    ['nothing', 'wss://chat.staging.example/ws', [], 'chat.staging.example', '--allow-host chat.staging.example'],
    [
      'another name',
      'wss://chat.staging.example',
      ['chat.example'],
      'chat.staging.example',
      '--allow-host chat.staging.example',
    ],
    [
      'only the names below it',
      'wss://staging.example',
      ['*.staging.example'],
      'staging.example',
      '--allow-host staging.example',
    ],
    [
      'a domain that ends alike',
      'wss://chat.staging.example',
      ['*.ging.example'],
      'chat.staging.example',
      '--allow-host chat.staging.example',
    ],
    [
      'a network of only one of its addresses',
      'wss://split.example',
      ['10.0.0.0/8'],
      'split.example',
      '--allow-host split.example',
    ],
    ['another network', 'ws://10.0.0.1', ['10.0.1.0/24'], '10.0.0.1', '--allow-host 10.0.0.1'],
    [
      'nothing, and it is no loopback in IPv6',
      'ws://[::ffff:10.0.0.1]',
      [],
      '::ffff:a00:1',
      '--allow-host ::ffff:a00:1',
    ],
    [
      'nothing, and all addresses of this machine are more than loopback',
      'ws://0.0.0.0',
      [],
      '0.0.0.0',
      '--allow-host 0.0.0.0',
    ],
    ['nothing, though its name leads here', 'ws://mine.example', [], 'mine.example', '--allow-host mine.example'],
    ['nothing, and there is no such host', 'ws://typo.example', [], 'typo.example', '--allow-host typo.example'],
    [
      'a network, and there is no such host',
      'ws://typo.example',
      ['10.0.0.0/8'],
      'typo.example',
      '--allow-host typo.example',
    ],
  ])('not %s', async (_what, url, allowHosts, host, flag) => {
    await expect(check(url, allowHosts)).rejects.toThrow(
      new UsageError(`load on ${host} is not allowed: to allow it, add ${flag}`),
    )
  })

  test('the flag of the refusal, added, allows it', async () => {
    await expect(check('ws://[::ffff:10.0.0.1]', ['::ffff:a00:1'])).resolves.toHaveLength(1)
  })
})

describe('production needs its own permission', () => {
  const url = 'wss://chat.prod.example'
  const allowed = ['*.prod.example', 'www.staging.example', 'chat.staging.example']

  test.each<[string, string, Partial<Permissions>, string]>([
    [
      'its name says so',
      url,
      {},
      'load on chat.prod.example, which looks like production, is not allowed: to allow it, add --allow-production',
    ],
    [
      'it is the site that the world sees',
      'wss://www.staging.example',
      {},
      'load on www.staging.example, which looks like production, is not allowed: to allow it, add --allow-production',
    ],
    [
      'its profile says so',
      'wss://chat.staging.example',
      {environment: 'Production EU'},
      "load on chat.staging.example, which is 'Production EU' by its profile, is not allowed: to allow it, add --allow-production",
    ],
    [
      'a tunnel from this machine leads there, by its profile',
      'ws://127.0.0.1:9000',
      {environment: 'production'},
      "load on 127.0.0.1, which is 'production' by its profile, is not allowed: to allow it, add --allow-production",
    ],
  ])('when %s', async (_why, target, others, message) => {
    await expect(check(target, allowed, others)).rejects.toThrow(new UsageError(message))
    await expect(check(target, allowed, {...others, allowProduction: true})).resolves.toHaveLength(1)
  })

  test('beside the one for its host, and both are named', async () => {
    await expect(check(url)).rejects.toThrow('to allow it, add --allow-host chat.prod.example --allow-production')
    await expect(check(url, [], {allowProduction: true})).rejects.toThrow(
      'to allow it, add --allow-host chat.prod.example',
    )
  })
})

describe('names that pose as this machine', () => {
  test.each(['localhost.evil.example', 'stolen.localhost'])('%s is refused even when it is allowed', async (host) => {
    await expect(check(`ws://${host}`, [host], {allowProduction: true})).rejects.toThrow(
      new UsageError(`${host} poses as this machine but resolves to 192.0.2.66: use that host's own name`),
    )
  })
})

describe('DNS', () => {
  test.each([
    ['knows no address', 'wss://nowhere.staging.example', '*.staging.example', 'nowhere.staging.example'],
    ['knows no such name', 'wss://typo.example', 'typo.example', 'typo.example'],
  ])('%s of an allowed host: the target cannot be used', async (_what, url, allowed, host) => {
    const error = await check(url, [allowed]).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(TargetError)
    expect(error).toMatchObject({message: `${host} resolves to no address`, exitCode: 69})
  })

  test('is asked once for each host, and never for an address', async () => {
    const asked: string[] = []
    const counting: Lookup = (host) => {
      asked.push(host)
      return lookup(host)
    }
    const urls = ['ws://localhost:1', 'ws://127.0.0.1', 'ws://localhost:2', 'http://LocalHost/in']
    const allowed = await checkHosts(urls, {allowHosts: [], allowProduction: false}, counting)
    expect(asked).toEqual(['localhost'])
    expect(allowed.map(({url}) => url)).toEqual(urls)
  })

  test('of the system knows this machine', async () => {
    const addresses = await lookupAll('localhost')
    expect(addresses.length).toBeGreaterThan(0)
  })
})

test('all hosts must be allowed, not only the first', async () => {
  const urls = ['ws://localhost', 'wss://chat.staging.example']
  await expect(checkHosts(urls, {allowHosts: [], allowProduction: false}, lookup)).rejects.toThrow(UsageError)
})
