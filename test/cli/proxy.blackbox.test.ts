/** `proofload proxy` from outside: what it prints, how it ends, and what it refuses. */
import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {type AddressInfo, createServer, type Server} from 'node:net'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {parse} from 'yaml'
import {type NamedAddress, proxyFlags} from '../../src/lib/cli/flags/proxy.js'
import type {SessionGround} from '../../src/lib/cli/practice-session.js'
import {type ProxySession, runProxies} from '../../src/lib/cli/proxy-session.js'
import {ProxyClient} from '../../src/lib/faults/proxy/client.js'
import {call, eventually} from '../faults/proxy/ground.js'

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

let server: Server
let upstream: string

beforeAll(async () => {
  server = createServer((socket) => socket.on('error', () => undefined).end('hello')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => void server.close())

interface Running {
  readonly child: ChildProcess
  readonly text: {stdout: string; stderr: string}
  readonly closed: Promise<unknown>
}

/** Started, and ready when it says how to end it. */
async function running(...argv: string[]): Promise<Running> {
  const child = spawn(process.execPath, [BIN, 'proxy', ...argv], {stdio: ['ignore', 'pipe', 'pipe']})
  const text = {stdout: '', stderr: ''}
  child.stdout.on('data', (chunk) => (text.stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (text.stderr += String(chunk)))
  const closed = once(child, 'close')
  await eventually(() => expect(text.stderr).toContain('Ctrl-C ends'))
  return {child, text, closed}
}

const listensIn = (section: string) =>
  [...section.matchAll(/^# \w+: \S+:(\d+) leads to /gm)].map((row) => Number(row[1]))

test.each(['SIGINT', 'SIGTERM'] as const)(
  'it prints a section for a profile, carries connections until %s, and leaves nothing behind',
  async (signal) => {
    const {child, text, closed} = await running('--proxy', `redis=${upstream}`, '--proxy', `db=${upstream}`)
    const {proxies} = parse(text.stdout) as {proxies: Record<string, {api: string}>}
    expect(Object.keys(proxies)).toEqual(['redis', 'db'])
    const api = proxies['redis']?.api ?? ''
    expect(proxies).toEqual({redis: {api}, db: {api}})

    const client = new ProxyClient(api)
    expect(Object.keys(await client.proxies()).toSorted()).toEqual(['db', 'redis'])
    const [port = 0] = listensIn(text.stdout)
    using caller = call(port)
    await eventually(() => expect(caller.text()).toBe('hello'))
    await client.close()

    child.kill(signal)
    await closed
    expect(child.exitCode).toBe(0)
    expect(text.stderr).toContain(`${signal}: ending the proxies`)
    await refused(port)
  },
)

test('it listens where it is told to', async () => {
  const spare = createServer().listen(0, '127.0.0.1')
  await once(spare, 'listening')
  const listen = `127.0.0.1:${(spare.address() as AddressInfo).port}`
  spare.close()
  await once(spare, 'close')
  const argv = [
    '--proxy',
    `redis=${upstream}`,
    '--listen',
    `redis=${listen}`,
    '--processes',
    '2',
    '--seed',
    'x',
    '--quiet',
  ]
  const child = spawn(process.execPath, [BIN, 'proxy', ...argv], {stdio: ['ignore', 'pipe', 'inherit']})
  const [section] = (await once(child.stdout, 'data')) as [Buffer]
  expect(section.toString()).toContain(`# redis: ${listen} leads to ${upstream}\n`)
  child.kill('SIGKILL')
  await once(child, 'close')
  await refused(Number(listen.split(':')[1]))
})

/** Until nobody listens there any more. */
async function refused(port: number): Promise<void> {
  await eventually(async () => {
    using late = call(port)
    await eventually(() => expect(late.state()).not.toBe('open'))
    expect(late.state()).toBe('ECONNREFUSED')
  })
}

/** What a session is asked for. */
const asked = {
  proxy: [],
  listen: [],
  api: undefined,
  processes: 1,
  seed: undefined,
  'allow-host': [],
  'allow-production': false,
}
const at = (text: string) => proxyFlags.proxy.read(text, '--proxy') as NamedAddress
/** Never looked at. */
const nobody = {interrupts: {}} as SessionGround

describe('it refuses', () => {
  test.each([
    ['an address without a name', '127.0.0.1:1'],
    ['a name without a port', 'redis=127.0.0.1'],
    ['a port of 0', 'redis=127.0.0.1:0'],
    ['a URL', 'redis=redis://127.0.0.1:1'],
  ])('%s', (_case, text) => {
    expect(() => at(text)).toThrow(`--proxy: expected NAME=HOST:PORT such as redis=127.0.0.1:6379, got '${text}'`)
  })

  test.each<[string, Partial<ProxySession>, string]>([
    ['no proxy', {}, '--proxy: name at least one, such as --proxy redis=127.0.0.1:6379'],
    ['the same name twice', {proxy: [at('a=127.0.0.1:1'), at('a=127.0.0.1:2')]}, "--proxy: 'a' was given twice"],
    [
      'an address for no proxy',
      {proxy: [at('redis=127.0.0.1:1')], listen: [at('redi=127.0.0.1:2')]},
      "--listen: no proxy is called 'redi', did you mean 'redis'?",
    ],
    ['an API for everyone', {proxy: [at('a=127.0.0.1:1')], api: '0.0.0.0:8474'}, '--api: 0.0.0.0 is not loopback'],
    [
      'another host than the allowed',
      {proxy: [at('a=10.1.2.3:1')], 'allow-host': ['10.1.2.4']},
      'to allow it, add --allow-host 10.1.2.3',
    ],
  ])('%s, before anything is started', async (_case, session, message) => {
    await expect(runProxies({...asked, ...session}, nobody)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining(message) as string,
    })
  })

  test.each<[string, number, string[], string]>([
    ['a host that is not allowed', 2, ['--proxy', 'a=10.1.2.3:1'], 'to allow it, add --allow-host 10.1.2.3'],
    [
      'an address in use',
      69,
      ['--proxy', 'a=127.0.0.1:1', '--listen', 'a=TAKEN', '-q'],
      'listen tcp TAKEN: bind: address already in use',
    ],
  ])('%s, on one line, with exit code %i', async (_case, exitCode, argv, message) => {
    const place = (text: string) => text.replace('TAKEN', upstream)
    const ran = await execa(process.execPath, [BIN, 'proxy', ...argv.map(place)], {reject: false, env: {DEBUG: ''}})
    expect(ran).toMatchObject({exitCode, stdout: ''})
    expect(ran.stderr).toMatch(/^error: .*$/)
    expect(ran.stderr).toContain(place(message))
  })
})

test('its help shows examples', async () => {
  const {stdout, exitCode} = await execa(process.execPath, [BIN, 'proxy', '--help'])
  expect(exitCode).toBe(0)
  expect(stdout).toContain('$ proofload proxy --proxy postgres=10.0.0.5:5432 --allow-host 10.0.0.5')
})
