/** wss:// from the flags to the verdict: who is trusted, who is not, and what to do then. */
import {once} from 'node:events'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {pemFile, secureChat, type SecureChat} from './secure-chat.js'

const BIN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))

let open: SecureChat
let closed: SecureChat
let folder: string

beforeAll(async () => {
  open = await secureChat({lossy: true})
  closed = await secureChat({clients: true})
  folder = mkdtempSync(join(tmpdir(), 'proofload-tls-'))
})
afterAll(async () => {
  await open[Symbol.asyncDispose]()
  await closed[Symbol.asyncDispose]()
  rmSync(folder, {recursive: true, force: true})
})

/** With logins and a history on the same server. */
function profile(url: string): string {
  const file = join(folder, `${new URL(url).port}.yaml`)
  writeFileSync(
    file,
    `targets: ['${url}']
protocol: json
auth: {mode: request, url: /login, body: {name: '{{user}}'}, tokenAt: token, rate: 500/s}
history: {url: '/history/{{room}}'}
`,
  )
  return file
}

async function flood(...argv: string[]) {
  const load = [
    '--connections',
    '20',
    '--room-size',
    '5',
    '--connect-rate',
    '200/s',
    '--duration',
    '1s',
    '--json',
    '-q',
  ]
  const judging = ['-t', 'p99(delivery_latency) < 20s', '--on-inconclusive', 'pass']
  const {stdout, exitCode} = await execa(process.execPath, [BIN, 'ws-flood', ...argv, ...load, ...judging], {
    reject: false,
  })
  return {exitCode, report: JSON.parse(stdout) as Record<string, unknown>}
}

const ca = ['--ca', pemFile('ca.pem')]
const client = ['--cert', pemFile('client.pem'), '--key', pemFile('client.key')]

describe('over TLS', () => {
  test('users, logins and the history trust the given authority', {timeout: 60_000}, async () => {
    const {report} = await flood('--profile', profile(`wss://localhost:${open.port}`), ...ca)
    expect(report).toMatchObject({
      facts: {historyTrouble: null},
      metrics: {connections_established: {value: 20}, connection_errors: {value: 0}},
    })
    const {messages_lost: lost, messages_recovered: recovered} = report['metrics'] as Record<string, {value: number}>
    expect(lost?.value).toBeGreaterThan(0)
    expect(recovered?.value).toBe(lost?.value)
    expect(open.asked.logins).toBeGreaterThanOrEqual(20)
  })

  test('a fault proxy between us and the server is passed without anybody noticing', {timeout: 60_000}, async () => {
    const fault = ['--fault', 'net.latency(proxy=target,latency=80ms) at 300ms for 300ms']
    const {report} = await flood('--profile', profile(`wss://localhost:${open.port}`), ...ca, ...fault)
    expect(report).toMatchObject({
      faults: [{outcome: 'reverted', effect: {returning: {cutOff: 0}}}],
      metrics: {connections_established: {value: 20}, connection_errors: {value: 0}},
    })
    const {delivery_latency: latency} = report['metrics'] as Record<string, {byPhase: Record<string, {max: number}>}>
    expect(latency?.byPhase['fault']?.max).toBeGreaterThan(79)
  })

  test('a server that asks for a certificate of ours lets in who has one', {timeout: 60_000}, async () => {
    const {exitCode, report} = await flood('--profile', profile(`wss://127.0.0.1:${closed.port}`), ...ca, ...client)
    expect({exitCode, report}).toMatchObject({exitCode: 0, report: {metrics: {connections_established: {value: 20}}}})
  })
})

const plainServer = async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

describe('is refused', () => {
  test.each<[string, () => string[], number, RegExp, RegExp]>([
    [
      'an authority that nobody named',
      () => ['--target', `wss://127.0.0.1:${open.port}`],
      69,
      /cannot be used: UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
      /not signed by an authority that is known here: give .* with --ca/,
    ],
    [
      'the wrong authority',
      () => ['--target', `wss://127.0.0.1:${open.port}`, '--ca', pemFile('other-ca.pem')],
      69,
      /cannot be used: UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
      /with --ca, or accept any with --insecure/,
    ],
    [
      'the wrong authority for logins',
      () => ['--profile', profile(`wss://localhost:${open.port}`), '--ca', pemFile('other-ca.pem')],
      69,
      /no answer to the login of user-0 .*: UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
      /with --ca/,
    ],
    [
      'a client without a certificate',
      () => ['--target', `wss://127.0.0.1:${closed.port}`, ...ca],
      69,
      /cannot be used: ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED/,
      /give one with --cert and --key/,
    ],
    [
      'a key that is not the key of the certificate',
      () => [
        '--target',
        `wss://127.0.0.1:${closed.port}`,
        '--cert',
        pemFile('client.pem'),
        '--key',
        pemFile('server.key'),
      ],
      2,
      /the certificates cannot be used/,
      /check that --key is the key of --cert/,
    ],
  ])('%s', async (_what, argv, code, message, hint) => {
    const given = argv()
    const {exitCode, report} = await flood(...given, ...(given[0] === '--target' ? ['--protocol', 'json'] : []))
    const {error} = report as {error: {message: string; hint: string}}
    expect(error.message).toMatch(message)
    expect(error.hint).toMatch(hint)
    expect(exitCode).toBe(code)
  })

  test('TLS where there is none', async () => {
    const server = await plainServer()
    const {port} = server.address() as AddressInfo
    const {exitCode, report} = await flood('--target', `wss://127.0.0.1:${port}`, '--protocol', 'json')
    server.close()
    expect({exitCode, report}).toMatchObject({
      exitCode: 69,
      report: {error: {hint: expect.stringContaining('write ws://') as string}},
    })
  })

  test('no TLS where there is some', async () => {
    const {exitCode, report} = await flood('--target', `ws://127.0.0.1:${open.port}`, '--protocol', 'json')
    expect({exitCode, report}).toMatchObject({
      exitCode: 69,
      report: {error: {hint: expect.stringContaining('wss://') as string}},
    })
  })
})

test('--insecure accepts any certificate', {timeout: 60_000}, async () => {
  const {exitCode, report} = await flood(
    '--profile',
    profile(`wss://127.0.0.1:${closed.port}`),
    '--insecure',
    ...client,
  )
  expect({exitCode, report}).toMatchObject({exitCode: 0, report: {metrics: {connections_established: {value: 20}}}})
})
