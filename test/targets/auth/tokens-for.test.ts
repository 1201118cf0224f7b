import {createHmac, generateKeyPairSync, verify} from 'node:crypto'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {LeapingClock} from '../../../src/lib/base/clock.js'
import {UsageError} from '../../../src/lib/base/errors.js'
import type {Auth, SignAuth} from '../../../src/lib/targets/auth/schema.js'
import {tokensFor} from '../../../src/lib/targets/auth/tokens-for.js'
import {folderWith} from '../profile/folder.js'
import {contextOf} from './context.js'

describe('without credentials of their own', () => {
  test.each<[string, Auth, string]>([
    ['mode none gives an empty token', {mode: 'none'}, ''],
    ['mode fixed gives all the same', {mode: 'fixed', token: 'abc'}, 'abc'],
  ])('%s', async (_what, auth, token) => {
    const source = tokensFor(auth, contextOf())
    expect([source.user(0), source.user(2), source.token(0), source.token(2)]).toEqual([
      'user-0',
      'user-2',
      token,
      token,
    ])
    await source.close()
  })
})

describe('a file', () => {
  async function fromFile(text: string, kind?: 'tokens' | 'accounts', users = 2) {
    const folder = await folderWith({'users.csv': text})
    const auth: Auth = {mode: 'file', path: join(folder, 'users.csv'), ...(kind && {kind})}
    try {
      const source = tokensFor(auth, contextOf({users}))
      return [0, 1].map((n) => [source.user(n), source.token(n)])
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      return error.message.replaceAll(`${folder}/`, '')
    }
  }

  test.each<[string, string, 'tokens' | 'accounts' | undefined, unknown]>([
    [
      'gives a token a line',
      'aaa\nbbb\nccc',
      undefined,
      [
        ['user-0', 'aaa'],
        ['user-1', 'bbb'],
      ],
    ],
    [
      'may have blank lines and the line ends of Windows',
      '\uFEFFaaa\r\n\r\n bbb \r\n',
      'tokens',
      [
        ['user-0', 'aaa'],
        ['user-1', 'bbb'],
      ],
    ],
    [
      'gives the accounts their names',
      'ann,x,aaa\nbob,y,bbb\n',
      'accounts',
      [
        ['ann', 'aaa'],
        ['bob', 'bbb'],
      ],
    ],
    [
      'may have a line of headings',
      'user,password,token\nann,x,aaa\nbob,y,bbb\n',
      'accounts',
      [
        ['ann', 'aaa'],
        ['bob', 'bbb'],
      ],
    ],
    [
      'may have quotes',
      '"a,n""n","x,y","aaa"\nbob,,bbb\n',
      'accounts',
      [
        ['a,n"n', 'aaa'],
        ['bob', 'bbb'],
      ],
    ],
    [
      'with too few tokens says how many',
      'aaa\n',
      'tokens',
      'users.csv holds 1 tokens but 2 users need one each: add 1 more, or ask for fewer users',
    ],
    [
      'with too few accounts says how many',
      '',
      'accounts',
      'users.csv holds 0 accounts but 2 users need one each: add 2 more, or ask for fewer users',
    ],
    [
      'of accounts without a token names the line',
      'ann,x,aaa\nbob,y\n',
      'accounts',
      'users.csv:2: has no token after user and password',
    ],
    [
      'of something else names the line',
      'ann,x,aaa\n\nbob\n',
      'accounts',
      'users.csv:3: is not user,password or user,password,token',
    ],
    [
      'with a field too many names the line',
      'ann,x,aaa,1\n',
      'accounts',
      'users.csv:1: is not user,password or user,password,token',
    ],
  ])('%s', async (_what, text, kind, expected) => {
    expect(await fromFile(text, kind)).toEqual(expected)
  })

  test('that is not there is a usage error', () => {
    expect(() => tokensFor({mode: 'file', path: '/nowhere/tokens'}, contextOf())).toThrow(
      new UsageError('/nowhere/tokens: cannot be read (ENOENT)'),
    )
  })

  test('does not know users beyond those that it was read for', async () => {
    const folder = await folderWith({t: 'a\nb\n'})
    const source = tokensFor({mode: 'file', path: join(folder, 't')}, contextOf({users: 2}))
    expect(() => source.token(2)).toThrow(RangeError)
  })
})

describe('signing', () => {
  const {privateKey, publicKey} = generateKeyPairSync('rsa', {modulusLength: 2048})
  const pem = privateKey.export({type: 'pkcs8', format: 'pem'}).toString()
  const issued = LeapingClock.epoch.getTime() / 1000

  async function partsOf(auth: SignAuth, n: number) {
    const token = await tokensFor(auth, contextOf()).token(n)
    const [head = '', claims = '', signature = ''] = token.split('.')
    const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
    return {head: read(head), claims: read(claims), signature, signed: `${head}.${claims}`}
  }

  test('HS256 signs with the secret', async () => {
    const {head, claims, signature, signed} = await partsOf({mode: 'sign', algorithm: 'HS256', key: 'geheim'}, 7)
    expect(head).toEqual({alg: 'HS256', typ: 'JWT'})
    expect(claims).toEqual({sub: 'user-7', iat: issued, exp: issued + 3600})
    expect(signature).toBe(createHmac('sha256', 'geheim').update(signed).digest('base64url'))
  })

  test('RS256 signs with the private key, from a file too', async () => {
    const folder = await folderWith({'key.pem': `${pem}\n`})
    const {head, signature, signed} = await partsOf(
      {mode: 'sign', algorithm: 'RS256', keyFile: join(folder, 'key.pem')},
      0,
    )
    expect(head).toEqual({alg: 'RS256', typ: 'JWT'})
    expect(verify('RSA-SHA256', Buffer.from(signed), publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
  })

  test.each<[string, SignAuth['claims'], object]>([
    ['are templates at any depth', {a: {b: ['{{user}}-{{run}}']}}, {a: {b: ['user-2-r1']}}],
    ['may have numbers', {id: '{{n:number}}', text: '{{n}}'}, {id: 2, text: '2'}],
    ['may have other values', {admin: false, level: 3, none: null}, {admin: false, level: 3, none: null}],
  ])('claims %s', async (_what, claims, expected) => {
    const signed = await partsOf(
      {mode: 'sign', algorithm: 'HS256', key: 'k', claims: claims ?? {}, expiresIn: '30s'},
      2,
    )
    expect(signed.claims).toEqual({...expected, iat: issued, exp: issued + 30})
  })

  test('claims stand above the times that are set', async () => {
    const {claims} = await partsOf({mode: 'sign', algorithm: 'HS256', key: 'k', claims: {exp: 5}}, 0)
    expect(claims).toEqual({iat: issued, exp: 5})
  })

  test.each(['HS256', 'RS256'] as const)('%s keeps a token for half its life', async (algorithm) => {
    const clock = new LeapingClock()
    const source = tokensFor({mode: 'sign', algorithm, key: pem, expiresIn: '60s'}, contextOf({clock}))
    const first = source.token(0)
    await clock.advance(29_000)
    expect(source.token(0)).toBe(first)
    expect(source.token(1)).not.toBe(first)
    await clock.advance(1000)
    expect(source.token(0)).not.toBe(first)
  })

  test.each(['not a key', pem.slice(0, 300)])('a key that is none is a usage error that does not repeat it', (key) => {
    expect(() => tokensFor({mode: 'sign', algorithm: 'RS256', key}, contextOf())).toThrow(
      new UsageError('auth.key is not an RSA private key in PEM, as RS256 needs'),
    )
  })
})

test('auth from JSON works in any worker', async () => {
  const auth = JSON.parse(JSON.stringify({mode: 'sign', algorithm: 'HS256', key: 'k'})) as Auth
  expect(await tokensFor(auth, contextOf()).token(1)).toBe(await tokensFor(auth, contextOf()).token(1))
})
