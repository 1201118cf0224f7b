/** `proofload doctor` from outside: what it prints, how it exits, and that it shows no secret. */
import {readFileSync} from 'node:fs'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {createServer, type Server} from 'node:http'
import {createServer as createTlsServer} from 'node:https'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {WebSocketServer} from 'ws'
import {type Check, type Diagnosis, diagnosisSchema} from '../../../src/lib/report/diagnosis-schema.js'
import {startPractice, type PracticeTarget} from '../../../src/lib/targets/practice/practice.js'

const BIN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const TLS = fileURLToPath(new URL('../../fixtures/tls/', import.meta.url))

let folder: string
const servers: Server[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proofload-doctor-'))
})

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await rm(folder, {recursive: true})
})

async function proofload(...argv: string[]) {
  const env = {DEBUG: '', NO_COLOR: '1'}
  const {stdout, stderr, exitCode} = await execa(process.execPath, [BIN, ...argv], {
    reject: false,
    env,
    stdin: 'ignore',
  })
  return {stdout, stderr, exitCode}
}

/** The diagnosis by `--json`, with its exit code held against the process's own. */
async function doctor(...argv: string[]): Promise<Diagnosis> {
  const {stdout, exitCode} = await proofload('doctor', '--json', '--quiet', ...argv)
  const diagnosis = diagnosisSchema.parse(JSON.parse(stdout))
  expect(exitCode).toBe(diagnosis.exitCode)
  return diagnosis
}

function named(diagnosis: Diagnosis, name: string): Check | undefined {
  return diagnosis.checks.find((check) => check.name === name)
}

async function listening(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function profile(name: string, text: string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, text)
  return file
}

describe('this machine', () => {
  test('is examined without a target, and the table fits 100 columns', async () => {
    const {stdout, stderr, exitCode} = await proofload('doctor', '--connections', '1000')
    expect([0, 99]).toContain(exitCode)
    expect(stderr).toContain('doctor · reading what this machine has')
    expect(stdout).toMatch(/^\nThis machine\n.*descriptors/)
    expect(stdout).toMatch(/1,000 users against the practice target: fits, \d workers?/)
    expect(stdout).not.toContain('\u001B')
    const prose = stdout.split('\n').filter((line) => !/^ {30}\S/.test(line))
    expect(prose.filter((line) => line.length > 100)).toEqual([])
  })

  test('that is too small for the plan exits with 99, and says what would fit', async () => {
    const diagnosis = await doctor('--connections', '10m')
    expect(diagnosis.exitCode).toBe(99)
    expect(named(diagnosis, 'practice target')).toMatchObject({
      state: 'problem',
      value: expect.stringContaining('10,000,000 users do not fit') as string,
      remedies: [{command: expect.stringMatching(/^proofload ws-flood --connections \d+$/) as string}],
    })
  })

  test('--quiet leaves stderr empty', async () => {
    const {stderr} = await proofload('doctor', '--connections', '100', '-q')
    expect(stderr).toBe('')
  })

  test.each([
    ['a host that is not allowed', ['--target', 'ws://10.1.2.3'], 'add --allow-host 10.1.2.3'],
    ['a profile that is not there', ['--profile', 'none.yaml'], 'there is no such file'],
    ['a URL of another kind', ['--target', 'http://127.0.0.1:9'], 'write ws://127.0.0.1:9'],
    ['an unknown flag', ['--conections', '5'], 'did you mean --connections?'],
  ])('%s is wrong usage', async (_case, argv, message) => {
    const {exitCode, stdout, stderr} = await proofload('doctor', ...argv)
    expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''})
    expect(stderr).toContain(message)
  })
})

describe('the practice target', () => {
  let practice: PracticeTarget

  beforeAll(async () => {
    practice = await startPractice({nodes: 2})
  })
  afterAll(async () => {
    await practice[Symbol.asyncDispose]()
  })

  test('is all green, and its services too', async () => {
    const file = await profile(
      'practice.yaml',
      [
        'protocol: practice',
        'targets:',
        ...practice.target.urls.map((url) => `  - ${url}`),
        'services:',
        `  redis: ${practice.redisUrl}`,
        `  postgres: ${practice.postgresUrl}`,
      ].join('\n'),
    )
    const diagnosis = await doctor('--profile', file, '--connections', '1000')
    const outside = diagnosis.checks.filter(({area}) => area !== 'machine' && area !== 'plan')
    expect(outside.map(({name, state}) => `${name} ${state}`)).toEqual([
      'node 1 dns ok',
      'node 1 tcp ok',
      'node 2 dns ok',
      'node 2 tcp ok',
      'credentials ok',
      'node 1 join ok',
      'node 2 join ok',
      'message ok',
      'history ok',
      'redis ok',
      'postgres warning',
    ])
    expect(diagnosis.exitCode).toBe(0)
    expect(named(diagnosis, 'message')?.value).toMatch(
      /^ONE message was sent into the room proofload-[0-9a-z]{8}-0 · acked in .* · the other user got it in /,
    )
    expect(named(diagnosis, 'history')?.value).toContain('it holds the message')
    expect(JSON.stringify(diagnosis)).not.toContain(new URL(practice.postgresUrl).password)
  })

  test('whose second node is deaf is found out by one message', async () => {
    await practice.setDefects([{name: 'deaf-node', value: 1}])
    const diagnosis = await doctor(...practice.target.urls.flatMap((url) => ['--target', url]), '--connections', '100')
    await practice.setDefects([])
    expect(diagnosis.exitCode).toBe(69)
    expect(named(diagnosis, 'message')).toMatchObject({
      state: 'problem',
      value: expect.stringContaining('the other user did not get it') as string,
      expected: ['a frame that holds {{body}} of the message as it was sent'],
    })
  })
})

describe('a target that cannot be used exits with 69', () => {
  test('nothing listens there', async () => {
    const diagnosis = await doctor('--target', 'ws://127.0.0.1:9', '--connections', '100')
    expect(diagnosis.exitCode).toBe(69)
    expect(named(diagnosis, 'tcp')).toMatchObject({state: 'problem', value: 'port 9: ECONNREFUSED'})
    expect(named(diagnosis, 'credentials')).toBeUndefined()
  })

  test('it has no address', async () => {
    const url = 'ws://nobody.invalid'
    const diagnosis = await doctor('--target', url, '--allow-host', 'nobody.invalid', '--connections', '100')
    expect(diagnosis.exitCode).toBe(69)
    expect(named(diagnosis, 'dns')).toMatchObject({state: 'problem', value: `${url} · resolves to no address`})
  })

  test('it speaks HTTP, but no WebSocket', async () => {
    const server = createServer((_, response) => response.writeHead(200, {'content-type': 'text/html'}).end('<html>'))
    const diagnosis = await doctor('--target', `ws://127.0.0.1:${await listening(server)}`, '--connections', '100')
    expect(diagnosis.exitCode).toBe(69)
    expect(named(diagnosis, 'handshake, join')).toMatchObject({
      state: 'problem',
      value: 'no WebSocket: it answered 200 · text/html',
    })
  })

  test('it speaks another protocol: the first frames stand beside what was expected', async () => {
    const http = createServer()
    new WebSocketServer({server: http}).on('connection', (socket) => {
      socket.send('{"op":"hello","session_token":"very-secret"}')
      socket.on('message', () => socket.close(4000))
    })
    const url = `ws://127.0.0.1:${await listening(http)}`
    const diagnosis = await doctor('--target', url, '--connections', '100')
    expect(diagnosis.exitCode).toBe(69)
    expect(named(diagnosis, 'handshake, join')).toMatchObject({
      state: 'problem',
      value: expect.stringContaining('not let into the room: code-4000') as string,
      expected: expect.arrayContaining([`join.until: a frame that starts with '{"type":"joined"'`]) as string[],
      seen: ['{"op":"hello","session_token":"***"}'],
    })
    const drill = await proofload('ws-flood', '--target', url, '--connections', '10', '-q')
    expect(drill.exitCode).toBe(69)
    expect(drill.stderr).toContain('first frame seen: {"op":"hello","session_token":"***"}')
    expect(drill.stderr).toContain(`expected join.until: a frame that starts with '{"type":"joined"'`)
  })

  test('it refuses the token, which is never shown', async () => {
    const http = createServer()
    http.on('upgrade', (request, socket) => {
      const right = request.headers.authorization === 'Bearer right'
      if (!right) socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n')
    })
    const file = await profile(
      'wrong-token.yaml',
      [
        `targets: ['ws://127.0.0.1:${await listening(http)}']`,
        'protocol: practice',
        'auth: {mode: fixed, token: wrong-and-secret}',
        'headers: {Authorization: "Bearer {{token}}"}',
      ].join('\n'),
    )
    const diagnosis = await doctor('--profile', file, '--connections', '100')
    expect(diagnosis.exitCode).toBe(69)
    expect(named(diagnosis, 'handshake, join')).toMatchObject({
      state: 'problem',
      value: 'no WebSocket: it answered 401',
      remedies: [{what: 'check the auth section of the profile'}],
    })
    expect(JSON.stringify(diagnosis)).not.toContain('wrong-and-secret')
  })

  test('its login refuses the account: told precisely, without the password', async () => {
    const server = createServer((_, response) => response.writeHead(403).end('no'))
    const port = await listening(server)
    const file = await profile(
      'wrong-login.yaml',
      [
        `targets: ['ws://127.0.0.1:${port}']`,
        'protocol: practice',
        "auth: {mode: request, url: /login, body: {name: '{{user}}', password: hush-hush}}",
      ].join('\n'),
    )
    const diagnosis = await doctor('--profile', file, '--connections', '100')
    expect(diagnosis.exitCode).toBe(69)
    expect(named(diagnosis, 'credentials')).toMatchObject({
      state: 'problem',
      value: expect.stringMatching(
        /credentials refused: the login of user-\d failed \(POST http:\/\/127\.0\.0\.1:\d+\/login answered 403\)/,
      ) as string,
    })
    expect(JSON.stringify(diagnosis)).not.toContain('hush-hush')
  })
})

describe('set-up and teardown', () => {
  const lines = (port: number) => [
    `targets: ['ws://127.0.0.1:${port}']`,
    'protocol: practice',
    "setup: [{each: room, url: '/rooms/{{room}}', method: PUT}]",
    "teardown: [{each: room, url: '/rooms/{{room}}', method: DELETE}]",
  ]

  test('make the room before anyone enters, and remove it again', async () => {
    const asked: string[] = []
    const http = createServer((request, response) => {
      asked.push(request.method ?? '')
      response.writeHead(204).end()
    })
    new WebSocketServer({server: http}).on('connection', (socket) => {
      asked.push('enter')
      socket.on('message', (data) => socket.send((data as Buffer).toString().replace('"join"', '"joined"')))
    })
    const file = await profile('set-up.yaml', lines(await listening(http)).join('\n'))
    const diagnosis = await doctor('--profile', file, '--connections', '100')
    expect(named(diagnosis, 'set-up')).toMatchObject({
      state: 'ok',
      value: '1 made by setup, 1 removed by teardown',
    })
    expect(asked.filter((what) => what !== 'GET')).toEqual(['PUT', 'enter', 'enter', 'DELETE'])
  })

  test('that are refused are told, and nobody enters', async () => {
    const http = createServer((_, response) => response.writeHead(403).end('not for you'))
    const file = await profile('no-set-up.yaml', lines(await listening(http)).join('\n'))
    const diagnosis = await doctor('--profile', file, '--connections', '100')
    expect(diagnosis.exitCode).toBe(69)
    expect(named(diagnosis, 'set-up')).toMatchObject({
      state: 'problem',
      value: expect.stringContaining('answered 403: not for you') as string,
    })
    expect(named(diagnosis, 'handshake, join')).toBeUndefined()
  })
})

describe('a certificate', () => {
  let url: string

  beforeAll(async () => {
    const [key, cert] = ['key', 'pem'].map((ending) => readFileSync(join(TLS, `self-signed.${ending}`)))
    const server = createTlsServer({key, cert}, (_, response) => response.writeHead(404).end())
    const sockets = new WebSocketServer({server})
    sockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        const {type, ...said} = JSON.parse(data.toString()) as {type: string; id?: number}
        if (type === 'join') socket.send(JSON.stringify({type: 'joined', ...said}))
        if (type !== 'publish') return
        socket.send(JSON.stringify({type: 'ack', id: said.id}))
        for (const member of sockets.clients) member.send(JSON.stringify({type: 'message', ...said}))
      })
    })
    url = `wss://localhost:${await listening(server)}`
  })

  test('that nobody known has signed is described, and nothing is sent over it', async () => {
    const diagnosis = await doctor('--target', url, '--connections', '100')
    expect(diagnosis.exitCode).toBe(69)
    const check = named(diagnosis, 'tls')
    expect(check).toMatchObject({
      state: 'problem',
      value: expect.stringMatching(
        /TLSv1\.3 in .* · certificate of localhost \(localhost, .*\) · issued by localhost · expires in .* · not verified: DEPTH_ZERO_SELF_SIGNED_CERT$/,
      ) as string,
    })
    expect(check?.remedies.map(({what}) => what).join()).toContain('--ca')
    expect(named(diagnosis, 'handshake, join')).toBeUndefined()
  })

  test.each([
    ['is accepted when its authority is given', ['--ca', join(TLS, 'self-signed.pem')], 'ok'],
    ['is accepted with a warning by --insecure', ['--insecure'], 'warning'],
  ])('%s, and the handshake goes through', async (_case, flags, state) => {
    const diagnosis = await doctor('--target', url, ...flags, '--connections', '100')
    expect(named(diagnosis, 'tls')?.state).toBe(state)
    expect(named(diagnosis, 'handshake, join')?.state).toBe('ok')
  })
})

test('a service that may not be asked is a warning; one that does not answer exits with 69', async () => {
  const file = await profile(
    'services.yaml',
    [
      "targets: ['ws://127.0.0.1:9']",
      'protocol: practice',
      'services:',
      '  redis: redis://:geheim@127.0.0.1:9',
      '  postgres: postgres://app:geheim@192.0.2.7/chat',
    ].join('\n'),
  )
  const diagnosis = await doctor('--profile', file, '--connections', '100')
  expect(named(diagnosis, 'redis')).toMatchObject({
    state: 'problem',
    value: expect.stringContaining('ECONNREFUSED') as string,
  })
  expect(named(diagnosis, 'postgres')).toMatchObject({
    state: 'warning',
    value: expect.stringContaining('add --allow-host 192.0.2.7') as string,
  })
  expect(JSON.stringify(diagnosis)).not.toContain('geheim')
})
