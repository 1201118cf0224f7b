import {readFileSync} from 'node:fs'
import {once} from 'node:events'
import type {AddressInfo, LookupFunction} from 'node:net'
import {createServer, type Server} from 'node:tls'
import {afterAll, beforeAll, describe, expect, it, test} from 'vitest'
import {UsageError} from '../../src/lib/base/errors.js'
import {connectTls, tlsHint, tlsOptions} from '../../src/lib/protocols/tls.js'

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')

let server: Server
let port: number

beforeAll(async () => {
  server = createServer({cert: pem('server.pem'), key: pem('server.key')}, (socket) => {
    socket.on('error', () => undefined)
    socket.end('here')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.close()
})

/** Every name is this machine. */
const lookup: LookupFunction = (_host, {all}, callback) => {
  if (all) callback(null, [{address: '127.0.0.1', family: 4}])
  else callback(null, '127.0.0.1', 4)
}

/** What came, or the code of the error. */
async function ask(host: string, certificates: Parameters<typeof tlsOptions>[0]): Promise<string> {
  const socket = connectTls({host, port, lookup, ...tlsOptions(certificates)})
  return new Promise((resolve) => {
    socket.on('data', (data: Buffer) => resolve(data.toString()))
    socket.on('error', (error: Error & {code?: string}) => resolve(error.code ?? error.message))
  })
}

describe('a connection over TLS', () => {
  test.each([
    ['is made to a name in the certificate', 'localhost', 'ca.pem', false, 'here'],
    ['is made to another name in it', 'chat.example', 'ca.pem', false, 'here'],
    ['is made to an address in it', '127.0.0.1', 'ca.pem', false, 'here'],
    ['is refused to a name that is not in it', 'elsewhere.example', 'ca.pem', false, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['is refused under an unknown authority', 'localhost', undefined, false, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['is refused under another authority', 'localhost', 'other-ca.pem', false, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['is made whatever the name, when any certificate will do', 'elsewhere.example', 'ca.pem', true, 'here'],
    ['is made whatever the authority, when any certificate will do', 'localhost', undefined, true, 'here'],
  ])('%s', async (_what, host, ca, insecure, answer) => {
    expect(await ask(host, {...(ca !== undefined && {ca: pem(ca)}), insecure})).toBe(answer)
  })

  it('tells the names of the certificate when it refuses', async () => {
    const socket = connectTls({
      host: 'elsewhere.example',
      port,
      lookup,
      ...tlsOptions({ca: pem('ca.pem'), insecure: false}),
    })
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).toContain('DNS:localhost, DNS:chat.example')
  })
})

describe('certificates', () => {
  test.each([
    ['a key of another certificate', {cert: pem('client.pem'), key: pem('server.key')}],
    [
      'a key that is none',
      {cert: pem('client.pem'), key: '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n'},
    ],
    ['an authority that is none', {ca: '-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----\n'}],
  ])('with %s are a usage error that quotes nothing of them', (_what, certificates) => {
    expect(() => tlsOptions({...certificates, insecure: false})).toThrow(UsageError)
    expect(() => tlsOptions({...certificates, insecure: false})).toThrow(
      /^the certificates cannot be used \([A-Z0-9_]+\)$/,
    )
  })
})

test('only errors of TLS have a hint', () => {
  expect(tlsHint('CERT_HAS_EXPIRED')).toContain('has expired')
  expect(tlsHint('ECONNREFUSED')).toBeUndefined()
  expect(tlsHint('toString')).toBeUndefined()
})
