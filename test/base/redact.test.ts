import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {redact, redactDeep} from '../../src/lib/base/redact.js'
import {isSecretName, isSecretParameter} from '../../src/lib/base/secret-names.js'

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'

describe('secrets are taken out', () => {
  test.each([
    ['redis://:hunter2@cache.example:6379/0', 'redis://:***@cache.example:6379/0'],
    ['postgres://chat:hunter2@db/chat?sslmode=require', 'postgres://chat:***@db/chat?sslmode=require'],
    ['postgres://chat:p@ss@db/chat', 'postgres://chat:***@db/chat'],
    ['postgres://chat:a/b#c?d@db:5432/chat', 'postgres://chat:***@db:5432/chat'],
    ['redis://:one@a:1,redis://:two@b:2', 'redis://:***@a:1,redis://:***@b:2'],
    ['https://ghp_0123456789abcdefghij@github.com/x', 'https://***@github.com/x'],
    ['wss://chat.example/ws?room=5&token=abc&user=7', 'wss://chat.example/ws?room=5&token=***&user=7'],
    ['/ws?access_token=abc#top', '/ws?access_token=***#top'],
    ['/cb#id_token=abc&state=1', '/cb#id_token=***&state=1'],
    ['/ws?api-key=abc', '/ws?api-key=***'],
    ['/ws?key=abc&auth=def&signature=1f', '/ws?key=***&auth=***&signature=***'],
    ['Authorization: Bearer abc.def', 'Authorization: ***'],
    ['authorization: Basic Zm9vOmJhcg==\r\nhost: x', 'authorization: ***\r\nhost: x'],
    ['Cookie: session=abc; theme=dark', 'Cookie: ***'],
    ['set-cookie: session=abc; HttpOnly', 'set-cookie: ***'],
    ['X-Auth-Token: abc', 'X-Auth-Token: ***'],
    ['sent Bearer a1b2c3d4e5 and got 401', 'sent Bearer *** and got 401'],
    [`token ${JWT} expired`, 'token *** expired'],
    ['host=db password=hunter2 user=chat', 'host=db password=*** user=chat'],
    ["PGPASSWORD='a b' psql", 'PGPASSWORD=*** psql'],
    ['{"password":"a\\"b","user":"chat"}', '{"password":"***","user":"chat"}'],
    ['{"cookie": "a=b", "x": 1}', '{"cookie": "***", "x": 1}'],
    ["{ password: 'hunter2', user: 'chat' }", "{ password: '***', user: 'chat' }"],
    ['{"body":"{\\"accessToken\\":\\"abc\\",\\"a\\":1}"}', '{"body":"{\\"accessToken\\":\\"***\\",\\"a\\":1}"}'],
    [
      'key:\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\n',
      'key:\n-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----\n',
    ],
  ])('%s', (text, redacted) => {
    expect(redact(text)).toBe(redacted)
  })
})

describe('what is no secret stays', () => {
  test.each([
    'ws://127.0.0.1:20001/ws/{{room}}?user={{user}}',
    'http://localhost:3000/users/me@example.com',
    'http://[::1]:3000/users/me@example.com',
    'redis://default@cache:6379',
    'mail me@example.com about http://host:80/path',
    'p99(delivery_latency) < 100ms during recovery',
    'tokens_refreshed == 0',
    'rate(token_refreshes)>=5/s',
    'connection_errors{reason=auth} == 0',
    'net.latency(proxy=redis,latency=200ms) at 10s for 10s',
    'Basic authentication was refused',
    'no Bearer token was sent',
    'auth.token: expected text, got 5',
    '/rooms?keyword=tea&monkey=1',
    'eyJ is how a token begins',
    '',
  ])('%s', (text) => {
    expect(redact(text)).toBe(text)
  })
})

describe('whatever the secret, it does not get through', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9!$*+._~-]{6,30}$/).map((text) => `Z9${text}`)
  test.each<[shape: string, write: (secret: string) => string]>([
    ['in a URL', (text) => `cannot reach redis://user:${text}@host:6379/0: refused`],
    ['in a query', (text) => `GET ws://host/ws?room=1&token=${text}&x=1 gave 403`],
    ['in a header', (text) => `Authorization: Token ${text}`],
    ['in JSON', (text) => JSON.stringify({a: 1, db_password: text, b: 'x'})],
    ['in JSON inside of JSON', (text) => JSON.stringify({body: JSON.stringify({secret: text})})],
    ['with quotes in JSON inside of JSON', (text) => JSON.stringify({body: JSON.stringify({secret: `x"${text}`})})],
    ['in a connection string', (text) => `host=x password=${text} port=5`],
    ['as a bearer token', (text) => `with bearer ${text.replaceAll(/[!$*]/g, '-')}`],
  ])('%s', (_shape, write) => {
    fc.assert(
      fc.property(secret, (text) => {
        const redacted = redact(write(text))
        expect(redacted).not.toContain(text)
        expect(redact(redacted)).toBe(redacted)
      }),
    )
  })

  test('and redacting long junk takes no time to speak of', () => {
    for (const junk of ['a', '://', '=', '"', '\\"a\\":\\"', 'eyJ', 'a.', 'bearer ', 'password:"', '://a:b', 'x-key']) {
      expect(typeof redact(junk.repeat(20_000))).toBe('string')
    }
  })
})

describe('a tree', () => {
  test('loses what stands under secret names, and the secrets inside its texts', () => {
    expect(
      redactDeep({
        target: 'redis://:hunter2@cache:6379',
        auth: {kind: 'sign', secret: 'abc', users: ['a', 'b']},
        headers: {Authorization: 'Bearer x', accept: '*/*', cookie: ['a=b', 'c=d']},
        apiKey: 'abc',
        password: 12345,
        nested: [{refresh_token: 'abc'}, 'postgres://u:p@h/d', null, true, 5],
        'ws://u:p@h': 1,
        token: '',
      }),
    ).toEqual({
      target: 'redis://:***@cache:6379',
      auth: {kind: 'sign', secret: '***', users: ['a', 'b']},
      headers: {Authorization: '***', accept: '*/*', cookie: ['***', '***']},
      apiKey: '***',
      password: '***',
      nested: [{refresh_token: '***'}, 'postgres://u:***@h/d', null, true, 5],
      'ws://u:***@h': 1,
      token: '',
    })
  })

  test('keeps metrics that are named after tokens', () => {
    const metrics = {tokens_refreshed: 5, token_latency: {unit: 'ms', p99: 4.1, key: 'x'}}
    expect(redactDeep(metrics)).toEqual(metrics)
  })

  test('is not changed itself, and keeps what is not plain', () => {
    const tree = Object.freeze({at: new Date(0), token: 'abc'})
    expect(redactDeep(tree)).toEqual({at: new Date(0), token: '***'})
    expect(tree.token).toBe('abc')
  })
})

describe('a name is known to be secret', () => {
  test.each([
    ['password', true],
    ['db_password', true],
    ['X-Auth-Token', true],
    ['accessToken', true],
    ['API_KEY', true],
    ['privateKey', true],
    ['auth', true],
    ['author', false],
    ['key', false],
    ['keyword', false],
    ['partition_key', false],
    ['secretary', false],
  ])('%s: %s', (name, secret) => {
    expect(isSecretName(name)).toBe(secret)
  })

  test('more readily in a query', () => {
    expect([isSecretParameter('key'), isSecretParameter('x-auth'), isSecretParameter('keyword')]).toEqual([
      true,
      true,
      false,
    ])
  })
})
