import {once} from 'node:events'
import {createServer, type IncomingMessage} from 'node:http'
import {type AddressInfo} from 'node:net'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {HostClock} from '../../../src/lib/base/clock.js'
import {TargetError, UsageError} from '../../../src/lib/base/errors.js'
import type {RequestAuth} from '../../../src/lib/targets/auth/schema.js'
import {tokensFor} from '../../../src/lib/targets/auth/tokens-for.js'
import type {TokenContext, TokenSource} from '../../../src/lib/targets/auth/token-source.js'
import {folderWith} from '../profile/folder.js'
import {contextOf} from './context.js'

interface Login {
  readonly line: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

type Answer = (login: Login) => readonly [status: number, body: string, headers?: Record<string, string>]

/** A login server on loopback; it keeps what it was sent. */
async function loginServer(answer: Answer): Promise<{url: string; seen: Login[]}> {
  const seen: Login[] = []
  const server = createServer((request, response) => {
    void (async () => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      const login = {line: `${request.method ?? ''} ${request.url ?? ''}`, headers: request.headers, body}
      seen.push(login)
      const [status, text, headers] = answer(login)
      response.writeHead(status, headers).end(text)
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, seen}
}

function sourceOf(auth: Partial<RequestAuth>, others: Partial<TokenContext>): TokenSource {
  const source = tokensFor(
    {mode: 'request', url: '/login', rate: '1000000/s', ...auth},
    contextOf({clock: new HostClock(), ...others}),
  )
  onTestFinished(() => source.close())
  return source
}

const ok: Answer = ({body}) => [200, JSON.stringify({data: {token: `t:${body}`}})]

describe('a login', () => {
  test('goes to the first target, with everything filled in and escaped', async () => {
    const {url, seen} = await loginServer(ok)
    const folder = await folderWith({'accounts.csv': 'ann,"p""w&"\nbob,x\nc,y\n'})
    const auth = {
      url: '/login/{{user}}?run={{run}}',
      headers: {'X-User': '{{n}}'},
      body: {name: '{{user}}', pass: '{{password}}', id: '{{n:number}}'},
      accounts: join(folder, 'accounts.csv'),
      tokenAt: '/data/token',
    }
    const source = sourceOf(auth, {target: `${url}/ws`})
    expect(source.user(0)).toBe('ann')
    expect(await source.token(0)).toBe('t:{"name":"ann","pass":"p\\"w&","id":0}')
    expect(seen[0]).toMatchObject({
      line: 'POST /login/ann?run=r1',
      headers: {'x-user': '0', 'content-type': 'application/json'},
    })
  })

  test.each([
    ['a form', 'user={{user}}&x=a+b', 'application/x-www-form-urlencoded', 'user=a%26b-1&x=a+b'],
    ['JSON as text', '{"user":"{{user}}","n":{{n}}}', 'application/json', '{"user":"a&b-1","n":1}'],
  ])('may send %s', async (_what, body, type, sent) => {
    const {url, seen} = await loginServer(ok)
    await sourceOf({body}, {target: url, userName: 'a&b-{{n}}'}).token(1)
    expect(seen[0]).toMatchObject({body: sent, headers: {'content-type': type}})
  })

  test('keeps a content type of its own', async () => {
    const {url, seen} = await loginServer(ok)
    await sourceOf({body: '{}', headers: {'Content-Type': 'text/plain'}}, {target: url}).token(0)
    expect(seen[0]?.headers['content-type']).toBe('text/plain')
  })

  test('is done once for each user', async () => {
    const {url, seen} = await loginServer(({line}) => [200, ` ${line} \n`])
    const source = sourceOf({method: 'GET', url: '/{{n}}'}, {target: url})
    expect(await Promise.all([0, 1, 0, 1].map(async (n) => await source.token(n)))).toEqual([
      'GET /0',
      'GET /1',
      'GET /0',
      'GET /1',
    ])
    expect(await source.token(1)).toBe('GET /1')
    expect(seen).toHaveLength(2)
  })

  test('is tried again after a failure, when it is asked for again', async () => {
    let asked = 0
    const {url} = await loginServer(() => (++asked === 1 ? [503, ''] : [200, 'abc']))
    const source = sourceOf({}, {target: url})
    await expect(source.token(0)).rejects.toThrow(TargetError)
    expect(await source.token(0)).toBe('abc')
  })
})

describe('a login that fails: the target cannot be used, and no secret is told', () => {
  test.each<[string, Answer, string]>([
    [
      '401',
      () => [401, 'bad hunter2'],
      'credentials refused: the login of user-0 failed (POST {url}/login answered 401)',
    ],
    ['403', () => [403, ''], 'credentials refused: the login of user-0 failed (POST {url}/login answered 403)'],
    ['429', () => [429, ''], 'the login of user-0 was limited (POST {url}/login answered 429)'],
    ['500', () => [500, ''], 'the login of user-0 failed (POST {url}/login answered 500)'],
    [
      '302',
      () => [302, '', {location: 'http://elsewhere.example'}],
      'the login of user-0 was sent elsewhere (POST {url}/login answered 302), which is not followed',
    ],
    ['no JSON', () => [200, 'hunter2'], 'the login answer is not JSON'],
    ['JSON without it', () => [200, '{"data":{"tokens":"hunter2"}}'], 'the login answer holds no token at data.token'],
    [
      '2 MiB',
      () => [200, 'x'.repeat(2 * 1024 * 1024)],
      'no answer to the login of user-0 (POST {url}/login): UND_ERR_RES_EXCEEDED_MAX_SIZE',
    ],
  ])('%s', async (_what, answer, message) => {
    const {url} = await loginServer(answer)
    const source = sourceOf(
      {tokenAt: 'data.token', body: {password: 'hunter2'}, headers: {Cookie: 'hunter2'}},
      {target: url},
    )
    const error = await Promise.resolve(source.token(0)).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(TargetError)
    expect((error as TargetError).message).toBe(message.replace('{url}', url.replace('ws:', 'http:')))
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter2')
  })

  test('nobody there', async () => {
    const source = sourceOf({url: 'http://127.0.0.1:1/login?key=hunter2'}, {})
    await expect(source.token(0)).rejects.toThrow(
      new TargetError('no answer to the login of user-0 (POST http://127.0.0.1:1/login?key=***): ECONNREFUSED'),
    )
  })
})

test('a path without a target is a usage error', () => {
  expect(() => tokensFor({mode: 'request', url: '/login'}, contextOf())).toThrow(UsageError)
})

test('a stopped run waits for no login', async () => {
  const stop = new AbortController()
  const {url} = await loginServer(ok)
  const source = sourceOf({rate: '1/h'}, {target: url, signal: stop.signal})
  await source.token(0)
  const waiting = source.token(1)
  stop.abort()
  await expect(waiting).rejects.toThrow('aborted')
})
