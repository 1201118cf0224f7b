/** The API answers as Toxiproxy 2.12 does: statuses, bodies and headers (github.com/Shopify/toxiproxy, api.go). */
import {once} from 'node:events'
import {type AddressInfo, createServer} from 'node:net'
import {request} from 'undici'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {openApi, type Api} from '../../../src/lib/faults/proxy/api/server.js'
import {Fleet} from '../../../src/lib/faults/proxy/carriers/fleet.js'
import {LocalCarrier} from '../../../src/lib/faults/proxy/carriers/local-carrier.js'
import {Directory} from '../../../src/lib/faults/proxy/directory.js'

const directory = new Directory(new Fleet([new LocalCarrier('seed')], 10))
/** Someone listens here already. */
const taken = createServer()
let api: Api

beforeAll(async () => {
  api = await openApi(directory)
  taken.listen(0, '127.0.0.1')
  await once(taken, 'listening')
})

/** Three proxies, of which one is down and one has a toxic in each direction. */
beforeEach(async () => {
  for (const {name} of directory.list()) await directory.remove(name)
  for (const name of ['redis', 'postgres']) await send('POST', '/proxies', {name, upstream: '127.0.0.1:9'})
  await send('POST', '/proxies', {name: 'off', listen: 'localhost:0', upstream: '127.0.0.1:9', enabled: false})
  await send('POST', '/proxies/redis/toxics', {type: 'latency', attributes: {latency: 100}})
  await send('POST', '/proxies/redis/toxics', {type: 'limit_data', stream: 'upstream', attributes: {bytes: 7}})
})

afterAll(async () => {
  api.close()
  await directory.close()
  taken.close()
})

type Body = object | string | null

async function send(method: string, path: string, body?: Body, headers: Record<string, string> = {}) {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await request(`${api.url}${path}`, {method: method as 'GET', body: text ?? null, headers})
  return {status: answer.statusCode, headers: answer.headers, text: await answer.body.text()}
}

async function told(method: string, path: string, body?: Body): Promise<unknown> {
  const {status, text} = await send(method, path, body)
  return [status, text === '' ? '' : (JSON.parse(text) as unknown)]
}

const latency = {
  attributes: {latency: 100, jitter: 0},
  name: 'latency_downstream',
  type: 'latency',
  stream: 'downstream',
  toxicity: 1,
}
const limit = {attributes: {bytes: 7}, name: 'limit_data_upstream', type: 'limit_data', stream: 'upstream', toxicity: 1}
const address = expect.stringMatching(/^127\.0\.0\.1:2\d{4}$/) as string
const proxy = (name: string) => ({
  name,
  listen: address,
  upstream: '127.0.0.1:9',
  enabled: true,
  toxics: [] as unknown[],
})
const redis = {...proxy('redis'), toxics: [limit, latency]}
const off = {...proxy('off'), listen: 'localhost:0', enabled: false}

describe('what is asked for in a right way', () => {
  test.each<[string, string, Body | undefined, number, unknown]>([
    ['GET', '/proxies', undefined, 200, {off, postgres: proxy('postgres'), redis}],
    ['GET', '/proxies/redis', undefined, 200, redis],
    [
      'POST',
      '/proxies',
      {name: 'new', listen: 'localhost:0', upstream: 'nowhere:1'},
      201,
      {...proxy('new'), upstream: 'nowhere:1'},
    ],
    [
      'POST',
      '/proxies',
      {NAME: 'new', Upstream: 'a:1', enabled: null, toxics: [1], more: {}},
      201,
      {...proxy('new'), upstream: 'a:1'},
    ],
    ['POST', '/proxies', '{"name":"new","upstream":"a:1"} and more', 201, {...proxy('new'), upstream: 'a:1'}],
    [
      'POST',
      '/proxies',
      {name: 'new', listen: '', upstream: 'a:1', enabled: false},
      201,
      {...off, name: 'new', listen: '', upstream: 'a:1'},
    ],
    ['PATCH', '/proxies/redis', {upstream: 'b:2', name: 'other', toxics: []}, 200, {...redis, upstream: 'b:2'}],
    ['POST', '/proxies/redis', {enabled: false}, 200, {...redis, enabled: false}],
    ['PATCH', '/proxies/off', {enabled: true}, 200, proxy('off')],
    ['PATCH', '/proxies/redis', 'null', 200, redis],
    ['DELETE', '/proxies/redis', undefined, 204, ''],
    ['GET', '/proxies/redis/toxics', undefined, 200, [limit, latency]],
    ['GET', '/proxies/postgres/toxics', undefined, 200, []],
    [
      'POST',
      '/proxies/postgres/toxics',
      {type: 'slicer'},
      200,
      {
        attributes: {average_size: 0, size_variation: 0, delay: 0},
        name: 'slicer_downstream',
        type: 'slicer',
        stream: 'downstream',
        toxicity: 1,
      },
    ],
    [
      'POST',
      '/proxies/postgres/toxics',
      {type: 'timeout', name: 'hole', stream: 'UpStream', toxicity: 0.3, attributes: {Timeout: 5, x: 'y'}},
      200,
      {attributes: {timeout: 5}, name: 'hole', type: 'timeout', stream: 'upstream', toxicity: 0.3},
    ],
    [
      'POST',
      '/proxies/postgres/toxics',
      {type: 'reset_peer', name: '', attributes: null, toxicity: null},
      200,
      {attributes: {timeout: 0}, name: 'reset_peer_downstream', type: 'reset_peer', stream: 'downstream', toxicity: 1},
    ],
    ['GET', '/proxies/redis/toxics/latency_downstream', undefined, 200, latency],
    [
      'PATCH',
      '/proxies/redis/toxics/latency_downstream',
      {attributes: {jitter: 5}, toxicity: 0.5, name: 'x', type: 'y', stream: 'z'},
      200,
      {...latency, attributes: {latency: 100, jitter: 5}, toxicity: 0.5},
    ],
    [
      'POST',
      '/proxies/redis/toxics/latency_downstream',
      {attributes: {latency: 1}},
      200,
      {...latency, attributes: {latency: 1, jitter: 0}},
    ],
    ['DELETE', '/proxies/redis/toxics/latency_downstream', undefined, 204, ''],
    ['POST', '/reset', undefined, 204, ''],
    ['GET', '/version', undefined, 200, {version: '2.12.0'}],
    ['POST', '/populate', [], 201, {proxies: null}],
    [
      'POST',
      '/populate',
      [
        {name: 'new', upstream: 'a:1'},
        {name: 'postgres', upstream: 'b:2'},
      ],
      201,
      {
        proxies: [
          {...proxy('new'), upstream: 'a:1'},
          {...proxy('postgres'), upstream: 'b:2'},
        ],
      },
    ],
  ])('%s %s %j answers %i', async (method, path, body, status, answer) => {
    expect(await told(method, path, body)).toEqual([status, answer])
  })
})

describe('what is asked for in a wrong way', () => {
  const NEW = {name: 'new', upstream: 'a:1'}
  test.each<[string, string, Body | undefined, number, string]>([
    ['POST', '/proxies', '', 400, 'bad request body: EOF'],
    ['POST', '/proxies', '{"name":"new"', 400, 'bad request body: unexpected EOF'],
    ['POST', '/proxies', [], 400, 'bad request body: json: cannot unmarshal array into Go value of type object'],
    [
      'POST',
      '/proxies',
      {name: 5},
      400,
      'bad request body: json: cannot unmarshal number into Go struct field name of type string',
    ],
    [
      'POST',
      '/proxies',
      {...NEW, enabled: 'yes'},
      400,
      'bad request body: json: cannot unmarshal string into Go struct field enabled of type bool',
    ],
    ['POST', '/proxies', {upstream: 'a:1'}, 400, 'missing required field: name'],
    ['POST', '/proxies', {name: 'new'}, 400, 'missing required field: upstream'],
    ['POST', '/proxies', {name: 'redis', upstream: 'a:1'}, 409, 'proxy already exists'],
    ['POST', '/proxies', {...NEW, listen: 'TAKEN'}, 500, 'listen tcp TAKEN: bind: address already in use'],
    [
      'POST',
      '/proxies',
      {...NEW, listen: '192.0.2.1:4000'},
      500,
      'listen tcp 192.0.2.1:4000: bind: cannot assign requested address',
    ],
    [
      'POST',
      '/proxies',
      {...NEW, listen: '127.0.0.1'},
      500,
      'listen tcp: address 127.0.0.1: missing or wrong port in address',
    ],
    ['PATCH', '/proxies/none', {enabled: false}, 404, 'proxy not found'],
    ['GET', '/proxies/none', undefined, 404, 'proxy not found'],
    ['DELETE', '/proxies/none', undefined, 404, 'proxy not found'],
    ['GET', '/proxies/none/toxics', undefined, 404, 'proxy not found'],
    ['POST', '/proxies/none/toxics', {type: 'latency'}, 404, 'proxy not found'],
    ['GET', '/proxies/redis/toxics/none', undefined, 404, 'toxic not found'],
    ['PATCH', '/proxies/redis/toxics/none', {}, 404, 'toxic not found'],
    ['DELETE', '/proxies/redis/toxics/none', undefined, 404, 'toxic not found'],
    ['DELETE', '/proxies/none/toxics/none', undefined, 404, 'proxy not found'],
    ['POST', '/proxies/redis/toxics', '', 400, 'bad request body: EOF'],
    [
      'POST',
      '/proxies/redis/toxics',
      {type: 'latency', stream: 'sideways'},
      400,
      'stream was invalid, can be either upstream or downstream',
    ],
    [
      'POST',
      '/proxies/redis/toxics',
      {type: 'nonsense', stream: ''},
      400,
      'stream was invalid, can be either upstream or downstream',
    ],
    ['POST', '/proxies/redis/toxics', {type: 'nonsense'}, 400, 'invalid toxic type'],
    ['POST', '/proxies/redis/toxics', {}, 400, 'invalid toxic type'],
    ['POST', '/proxies/redis/toxics', {type: 'latency', attributes: {latency: 'x'}}, 409, 'toxic already exists'],
    ['POST', '/proxies/redis/toxics', {type: 'slicer', name: 'limit_data_upstream'}, 409, 'toxic already exists'],
    [
      'POST',
      '/proxies/redis/toxics',
      {type: 'timeout', attributes: {timeout: 1.5}},
      400,
      'bad request body: json: cannot unmarshal number 1.5 into Go struct field timeout of type int64',
    ],
    [
      'POST',
      '/proxies/redis/toxics',
      {type: 'bandwidth', attributes: {rate: -1}},
      400,
      'bad request body: rate must not be negative',
    ],
    [
      'PATCH',
      '/proxies/redis/toxics/latency_downstream',
      {attributes: {jitter: 'x'}},
      400,
      'bad request body: json: cannot unmarshal string into Go struct field jitter of type int64',
    ],
  ])('%s %s %j answers %i %s', async (method, path, body, status, error) => {
    const port = (taken.address() as AddressInfo).port
    const place = (text: string) => text.replaceAll('TAKEN', `127.0.0.1:${port}`)
    const before = (await send('GET', '/proxies')).text
    const answer = await send(
      method,
      path,
      body === undefined ? undefined : place(typeof body === 'string' ? body : JSON.stringify(body)),
    )
    expect([answer.status, answer.text]).toEqual([status, `${JSON.stringify({error: place(error), status})}\n`])
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
    expect((await send('GET', '/proxies')).text).toBe(before)
  })

  test.each<[string, Body, number, string, unknown]>([
    [
      'a field is missing: nothing is created',
      [{name: 'new', upstream: 'a:1'}, {name: 'more'}],
      400,
      'missing required field: upstream at proxy 2',
      null,
    ],
    ['no name', [{upstream: 'a:1'}], 400, 'missing required field: name at proxy 1', null],
    [
      'no list',
      {name: 'new'},
      400,
      'bad request body: json: cannot unmarshal object into Go value of type array',
      null,
    ],
    [
      'one cannot listen: those before it are there',
      [
        {name: 'new', upstream: 'a:1'},
        {name: 'more', upstream: 'a:1', listen: '192.0.2.1:4000'},
        {name: 'last', upstream: 'a:1'},
      ],
      500,
      'listen tcp 192.0.2.1:4000: bind: cannot assign requested address',
      [{...proxy('new'), upstream: 'a:1'}],
    ],
  ])('populate, %s', async (_case, body, status, error, proxies) => {
    expect(await told('POST', '/populate', body)).toEqual([status, {error, status, proxies}])
  })
})

test('populate leaves alone what is there already, and replaces what leads elsewhere without its toxics', async () => {
  const {listen} = directory.find('redis').state
  await send('POST', '/proxies/redis', {enabled: false})
  const same = {name: 'redis', listen, upstream: '127.0.0.1:9'}
  expect(await told('POST', '/populate', [same])).toEqual([201, {proxies: [{...redis, enabled: false}]}])
  expect(await told('POST', '/populate', [{...same, listen: listen.replace('127.0.0.1', 'localhost')}])).toEqual([
    201,
    {proxies: [{...redis, enabled: false}]},
  ])
  expect(await told('POST', '/populate', [{...same, upstream: 'b:2'}])).toEqual([
    201,
    {proxies: [{...proxy('redis'), upstream: 'b:2'}]},
  ])
  expect(directory.list().map(({name}) => name)).toEqual(['off', 'postgres', 'redis'])
})

test('reset brings every proxy up and takes every toxic away', async () => {
  await send('POST', '/reset')
  expect(await told('GET', '/proxies')).toEqual([
    200,
    {off: proxy('off'), postgres: proxy('postgres'), redis: proxy('redis')},
  ])
})

test('a proxy that was given a free port comes back on that port', async () => {
  const {listen} = directory.find('redis').state
  await send('PATCH', '/proxies/redis', {enabled: false})
  expect(await told('PATCH', '/proxies/redis', {enabled: true})).toEqual([200, {...redis, listen}])
})

test.each([
  ['GET', '/nonsense', 404, '404 page not found\n'],
  ['GET', '/', 404, '404 page not found\n'],
  ['GET', '/proxies/redis/nonsense', 404, '404 page not found\n'],
  ['GET', '/proxies/redis/toxics/a/b', 404, '404 page not found\n'],
  ['GET', '/metrics', 404, '404 page not found\n'],
  ['PUT', '/proxies', 405, ''],
  ['DELETE', '/version', 405, ''],
  ['GET', '/reset', 405, ''],
])('%s %s is %i', async (method, path, status, text) => {
  const answer = await send(method, path)
  expect([answer.status, answer.text]).toEqual([status, text])
  expect(answer.headers).not.toHaveProperty('x-toxiproxy-request-id')
})

test('a page in a browser is refused', async () => {
  const answer = await send('POST', '/reset', undefined, {'user-agent': 'Mozilla/5.0 (X11)'})
  expect([answer.status, answer.text]).toEqual([403, 'User agent not allowed\n'])
})

test('successes are JSON without a line end and carry a request id; the version has one', async () => {
  const proxies = await send('GET', '/proxies')
  expect(proxies.headers).toMatchObject({
    'content-type': 'application/json',
    'x-toxiproxy-request-id': expect.any(String) as string,
  })
  expect(proxies.text).not.toMatch(/\n$/)
  const version = await send('GET', '/version')
  expect(version).toMatchObject({
    text: '{"version": "2.12.0"}\n',
    headers: {'content-type': 'application/json;charset=utf-8'},
  })
})

test('names with signs work in paths', async () => {
  await send('POST', '/proxies', {name: 'a/b c', upstream: 'a:1'})
  expect(await told('GET', '/proxies/a%2Fb%20c')).toEqual([200, {...proxy('a/b c'), upstream: 'a:1'}])
})

test('changes that come at once are made one after the other', async () => {
  const bodies = Array.from({length: 20}, (_, n) => ({type: 'latency', name: `n${n}`}))
  const answers = await Promise.all(bodies.map((body) => send('POST', '/proxies/postgres/toxics', body)))
  expect(answers.every(({status}) => status === 200)).toBe(true)
  expect(directory.find('postgres').toxics).toHaveLength(20)
})
