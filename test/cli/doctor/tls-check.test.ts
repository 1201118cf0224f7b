import {expect, test} from 'vitest'
import {type Endpoint, tlsCheck} from '../../../src/lib/cli/doctor/endpoint-checks.js'
import type {TlsSeen} from '../../../src/lib/cli/doctor/reach.js'
import type {Check} from '../../../src/lib/report/diagnosis-schema.js'

const endpoint: Endpoint = {url: 'wss://chat.example', label: 'node 2', host: undefined}
const looked = {
  door: {address: '192.0.2.1', port: 443, host: 'chat.example'},
  tls: {insecure: false},
  now: new Date('2026-01-01T00:00:00Z'),
}
const good: TlsSeen = {
  ok: true,
  ms: 12,
  version: 'TLSv1.3',
  subject: 'chat.example',
  issuer: 'Example CA',
  names: 'chat.example, *.chat.example',
  validTo: 'Apr 11 00:00:00 2026 GMT',
  error: undefined,
}

test.each<[string, Partial<TlsSeen>, boolean, Check['state'], string, string | undefined]>([
  ['a good one', {}, false, 'ok', 'expires in 100 d (Apr 11 00:00:00 2026 GMT) · verified', undefined],
  [
    'one that ends soon',
    {validTo: 'Jan  8 00:00:00 2026 GMT'},
    false,
    'warning',
    'expires in 7 d',
    'renew the certificate',
  ],
  [
    'one that is over',
    {validTo: 'Dec 22 00:00:00 2025 GMT', error: 'CERT_HAS_EXPIRED'},
    false,
    'problem',
    'expired 10 d ago (Dec 22 00:00:00 2025 GMT) · not verified: CERT_HAS_EXPIRED',
    'its certificate has expired',
  ],
  [
    'one for another name',
    {error: 'ERR_TLS_CERT_ALTNAME_INVALID'},
    false,
    'problem',
    'not verified: ERR_TLS_CERT_ALTNAME_INVALID',
    'its certificate is for other names',
  ],
  [
    'one of an unknown authority',
    {error: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'},
    false,
    'problem',
    'issued by Example CA',
    'give that authority',
  ],
  ['any at all with --insecure', {error: 'CERT_HAS_EXPIRED'}, true, 'warning', 'accepted by --insecure', 'has expired'],
])('%s', (_case, changes, insecure, state, value, remedy) => {
  const check = tlsCheck(endpoint, {...looked, tls: {insecure}}, {...good, ...changes})
  expect(check).toMatchObject({name: 'node 2 tls', state})
  expect(check.value).toContain(value)
  if (remedy === undefined) expect(check.remedies).toEqual([])
  else expect(check.remedies[0]?.what).toContain(remedy)
})

test('an authority that is not known can be fetched by a command', () => {
  const check = tlsCheck(endpoint, looked, {...good, error: 'SELF_SIGNED_CERT_IN_CHAIN'})
  expect(check.remedies[1]?.command).toBe(
    'openssl s_client -connect 192.0.2.1:443 -servername chat.example </dev/null | openssl x509 > ca.pem',
  )
})

test('a port without TLS is told as such', () => {
  const check = tlsCheck(endpoint, looked, {ok: false, why: 'ERR_SSL_WRONG_VERSION_NUMBER'})
  expect(check).toMatchObject({state: 'problem', value: 'no handshake: ERR_SSL_WRONG_VERSION_NUMBER'})
  expect(check.remedies[0]?.what).toContain('write ws://')
})
