import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {hostPattern} from '../../../src/lib/targets/safety/host-pattern.js'
import {isLoopback} from '../../../src/lib/targets/safety/loopback.js'

describe('a pattern that allows too much, or is none, is refused', () => {
  test.each([
    ['*', "allowed host '*' is too wide: write a host, or *.staging.example for all below one"],
    ['*.com', "allowed host '*.com' is too wide: write a host, or *.staging.example for all below one"],
    [
      'chat.*.example',
      "allowed host 'chat.*.example' is too wide: write a host, or *.staging.example for all below one",
    ],
    ['0.0.0.0/0', "allowed host '0.0.0.0/0' is too wide: it would allow every host"],
    ['::/0', "allowed host '::/0' is too wide: it would allow every host"],
    ['10.0.0.0/33', "allowed host '10.0.0.0/33' is not a CIDR: write it like 10.0.0.0/8 or fd00::/8"],
    ['10.0.0/8', "allowed host '10.0.0/8' is not a CIDR: write it like 10.0.0.0/8 or fd00::/8"],
    ['fd00::/129', "allowed host 'fd00::/129' is not a CIDR: write it like 10.0.0.0/8 or fd00::/8"],
    ['10.0.0.0/', "allowed host '10.0.0.0/' is not a CIDR: write it like 10.0.0.0/8 or fd00::/8"],
    ['wss://chat.example/ws', "allowed host 'wss://chat.example/ws' is a URL: write only its host, chat.example"],
    [
      'a.example:80',
      "allowed host 'a.example:80' is not a host: write a name, *.staging.example, an IP address or a CIDR, without a port",
    ],
    ['', "allowed host '' is not a host: write a name, *.staging.example, an IP address or a CIDR, without a port"],
    [
      'a..example',
      "allowed host 'a..example' is not a host: write a name, *.staging.example, an IP address or a CIDR, without a port",
    ],
  ])('%s', (text, message) => {
    expect(() => hostPattern(text)).toThrow(new UsageError(message))
  })
})

const octet = fc.nat(255)
const address = fc.tuple(octet, octet, octet, octet)

test('a network covers exactly the addresses with its first bits', () => {
  const bitsOf = (parts: readonly number[]): number => parts.reduce((sum, part) => sum * 256 + part, 0)
  fc.assert(
    fc.property(address, address, fc.integer({min: 1, max: 32}), (network, other, bits) => {
      const covered = Math.floor(bitsOf(network) / 2 ** (32 - bits)) === Math.floor(bitsOf(other) / 2 ** (32 - bits))
      const pattern = hostPattern(`${network.join('.')}/${bits}`)
      expect(pattern.matchesAddress(network.join('.'))).toBe(true)
      expect(pattern.matchesAddress(other.join('.'))).toBe(covered)
      expect(pattern.matchesAddress(`::ffff:${other.join('.')}`)).toBe(covered)
    }),
  )
})

test('loopback is 127.0.0.0/8 in IPv4 and as IPv6, and ::1', () => {
  fc.assert(
    fc.property(address, (parts) => {
      expect(isLoopback(parts.join('.'))).toBe(parts[0] === 127)
      expect(isLoopback(`::ffff:${parts.join('.')}`)).toBe(parts[0] === 127)
    }),
  )
  expect(['::1', '[::1]', '0:0:0:0:0:0:0:1'].map(isLoopback)).toEqual([true, true, true])
  expect(['::', '::2', '0.0.0.0', 'localhost', '', '127.1'].map(isLoopback)).toEqual([
    false,
    false,
    false,
    false,
    false,
    false,
  ])
})
