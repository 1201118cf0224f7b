import {expect, test} from 'vitest'
import {formatAddress, parseAddress} from '../../../src/lib/faults/proxy/address.js'

test.each([
  ['127.0.0.1:6379', {host: '127.0.0.1', port: 6379}],
  ['redis.staging.example:0', {host: 'redis.staging.example', port: 0}],
  ['[::1]:5432', {host: '::1', port: 5432}],
  [':80', {host: '', port: 80}],
])('%s is an address', (text, address) => {
  expect(parseAddress(text)).toEqual(address)
  expect(formatAddress(address)).toBe(text)
})

test.each(['', 'redis', '127.0.0.1', '::1:80', 'a:b', 'a:-1', 'a:65536', '[::1]', 'http://a:80'])(
  '%s is none',
  (text) => {
    expect(parseAddress(text)).toBeUndefined()
  },
)
