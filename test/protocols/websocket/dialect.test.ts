import {readFile} from 'node:fs/promises'
import {describe, expect, it, test} from 'vitest'
import {parse} from 'yaml'
import {UsageError} from '../../../src/lib/base/errors.js'
import {compileDialect, type Dialect} from '../../../src/lib/protocols/websocket/dialect.js'
import {protocolSchema, type Protocol} from '../../../src/lib/protocols/websocket/protocol.js'

const who = {user: 'ann b', n: 3, room: 'tea & co', token: 't/1', run: 'k3x9a0zz'}
const publish = {send: '{{body}}'}

function dialect(protocol: Partial<Protocol> = {}): Dialect {
  return compileDialect({name: 'test', publish, ...protocol})
}

describe('the address of a user', () => {
  const path = '/ws/{{room}}?token={{token}}'
  test.each([
    ['the target alone, where the protocol adds nothing', undefined, 'ws://h:1', 'ws://h:1'],
    ['the target and the path of the protocol', path, 'ws://h:1', 'ws://h:1/ws/tea%20%26%20co?token=t%2F1'],
    ['the same for a target that ends in a slash', path, 'wss://h/', 'wss://h/ws/tea%20%26%20co?token=t%2F1'],
    ['the path of the target, when it has one', path, 'ws://h/socket', 'ws://h/socket'],
    ['the query of the target, when it has one', path, 'ws://h?v=1', 'ws://h?v=1'],
    ['the path of the target filled in', path, 'ws://h/{{room}}?u={{user}}', 'ws://h/tea%20%26%20co?u=ann%20b'],
  ])('is %s', (_what, url, target, address) => {
    expect(dialect(url === undefined ? {} : {url}).url(target, who)).toBe(address)
  })

  it('differs by user and by target', () => {
    const compiled = dialect({url: '/{{user}}'})
    expect(compiled.url('ws://a', {...who, user: 'ann'})).toBe('ws://a/ann')
    expect(compiled.url('ws://b', {...who, user: 'ben'})).toBe('ws://b/ben')
    expect(compiled.url('ws://a', {...who, user: 'ben'})).toBe('ws://a/ben')
  })
})

describe('the entrance', () => {
  it('says the opening frames first and then joins', () => {
    const {entrance, confirmsJoin} = dialect({
      open: [{send: 'login {{token}}', until: {equals: 'welcome'}}, {send: 'hello'}],
      join: {send: 'join {{room}}', until: {startsWith: 'joined'}},
    })
    expect(entrance.map(({send}) => send?.fill(who))).toEqual(['login t/1', 'hello', 'join tea & co'])
    expect(entrance.map(({until}) => until?.(Buffer.from('joined it')))).toEqual([false, undefined, true])
    expect(confirmsJoin).toBe(true)
  })

  test.each<[string, Partial<Protocol>, boolean]>([
    ['not confirmed without a join', {}, false],
    ['not confirmed when the server does not answer', {join: {send: 'join'}}, false],
    ['confirmed when the server speaks first', {join: {until: {equals: 'joined'}}}, true],
    ['not confirmed by an opening frame', {open: [{send: 'a', until: {equals: 'b'}}]}, false],
  ])('is %s', (_what, protocol, confirmed) => {
    expect(dialect(protocol).confirmsJoin).toBe(confirmed)
  })
})

describe('a dialect', () => {
  it('reads its units', () => {
    const {keepAlive, maxFrame} = dialect({keepAlive: {every: '25s', send: 'ping'}, maxFrame: '64KiB'})
    expect(keepAlive).toEqual({everyMs: 25_000, send: 'ping'})
    expect(maxFrame).toBe(65_536)
  })

  it('reads frames up to 1 MiB unless it says otherwise', () => {
    expect(dialect().maxFrame).toBe(1_048_576)
  })

  it('keeps alive with a frame of its own', () => {
    const {keepAlive} = dialect({keepAlive: {every: '1m', send: '{"ping":"{{user}}"}'}})
    expect(keepAlive?.everyMs).toBe(60_000)
    expect(typeof keepAlive?.send === 'object' && keepAlive.send.fill(who)).toBe('{"ping":"ann b"}')
  })

  it('fills in a message', () => {
    const send = '{"room":"{{room}}","id":{{id}},"n":{{sequence}},"text":"{{body}}"}'
    expect(dialect({publish: {send}}).publish?.fill({...who, id: 1, sequence: 0, body: 'PLD'})).toBe(
      '{"room":"tea & co","id":1,"n":0,"text":"PLD"}',
    )
  })

  it('fills in headers, and does without what is not said', () => {
    const {headers, subprotocols, ack, leave, keepAlive, answers, refused, error} = dialect({
      headers: {authorization: 'Bearer {{token}}'},
    })
    expect(headers.map(([name, value]) => [name, value.fill(who)])).toEqual([['authorization', 'Bearer t/1']])
    expect({subprotocols, answers}).toEqual({subprotocols: [], answers: []})
    expect([ack, leave, keepAlive, refused, error]).toEqual([undefined, undefined, undefined, undefined, undefined])
  })

  test.each(['practice', 'json'])('is made of the shipped file %s', async (name) => {
    const file = new URL(`../../../fixtures/protocols/${name}.yaml`, import.meta.url)
    const compiled = compileDialect(protocolSchema.parse(parse(await readFile(file, 'utf8'))))
    expect(compiled.confirmsJoin).toBe(true)
    expect(compiled.entrance.at(-1)?.until?.(Buffer.from('{"type":"joined","room":"r"}'))).toBe(true)
    expect(compiled.ack?.when(Buffer.from('{"type":"ack","id":1}'))).toBe(true)
    expect(compiled.url('ws://127.0.0.1:9', who)).toContain('ws://127.0.0.1:9/ws?user=ann%20b')
  })
})

describe('refused is', () => {
  test.each<[string, Partial<Protocol>, RegExp]>([
    ['a message without a body', {publish: {send: 'hello'}}, /\{\{body\}\}/],
    ['a name that nobody knows', {join: {send: 'join {{rom}}'}}, /rom.*did you mean 'room'/],
    ['a body where nothing is sent', {open: [{send: '{{body}}'}]}, /body/],
    ['an unknown name in the URL', {url: '/{{id}}'}, /id/],
    ['an unknown name in a header', {headers: {a: '{{tokn}}'}}, /token/],
    ['a keep-alive without a unit', {keepAlive: {every: '25', send: 'ping'}}, /keepAlive\.every/],
    ['a keep-alive of no time', {keepAlive: {every: '0s', send: 'ping'}}, /keepAlive\.every/],
    ['a frame size without sense', {maxFrame: 'large'}, /large/],
    ['a frame size of nothing', {maxFrame: '0'}, /0/],
  ])('%s', (_what, protocol, why) => {
    expect(() => dialect(protocol)).toThrow(UsageError)
    expect(() => dialect(protocol)).toThrow(why)
  })

  it('an unknown name in the path of a target', () => {
    expect(() => dialect().url('ws://h/{{rom}}', who)).toThrow(/did you mean 'room'/)
  })
})
