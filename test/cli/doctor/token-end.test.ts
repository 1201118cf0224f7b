import {expect, test} from 'vitest'
import {tokenEnd} from '../../../src/lib/cli/doctor/token-end.js'

const now = new Date('2026-01-01T00:00:00Z')

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = (claims: unknown) => `${part({alg: 'HS256'})}.${part(claims)}.c2ln`
const seconds = now.getTime() / 1000

test.each<[string, string, number | undefined]>([
  ['one that is good for an hour', token({exp: seconds + 3600}), 3_600_000],
  ['one that is over', token({exp: seconds - 60}), -60_000],
  ['one that never ends', token({sub: 'ann'}), undefined],
  ['one that is no JWT', 'abc123', undefined],
  ['one whose claims are no JSON', 'a.bm90IGpzb24.c', undefined],
  ['one whose claims are no object', `a.${part(null)}.c`, undefined],
  ['none', '', undefined],
])('%s', (_case, given, left) => {
  expect(tokenEnd(given, now)?.left).toBe(left)
})
