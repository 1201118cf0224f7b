import {expect, test} from 'vitest'
import {descriptorsIn, memoryLimit, portsIn, readMachine} from '../../src/lib/cli/machine.js'

test('this machine allows something of everything', () => {
  const machine = readMachine()
  expect(machine.cores).toBeGreaterThan(0)
  expect(machine.memoryBytes).toBeGreaterThan(2 ** 20)
  expect(machine.descriptorsPerProcess).toBeGreaterThan(100)
  expect(machine.ephemeralPorts).toBeGreaterThan(100)
  expect(machine.platform).toBe(process.platform)
})

test.each([
  ['the soft limit', 'Max open files            20000                1048576              files', 20_000],
  ['no limit', 'Max open files            unlimited            unlimited            files', 1_048_576],
  ['another line first', 'Max processes  7823  7823  processes\nMax open files  1024  4096  files', 1024],
  ['a file without the line', 'Max processes  7823  7823  processes', undefined],
  ['no such file', undefined, undefined],
])('descriptors: %s', (_case, limits, expected) => {
  expect(descriptorsIn(limits)).toBe(expected)
})

test.each([
  ['32768\t60999\n', 28_232],
  ['49152 65535', 16_384],
  ['', undefined],
  [undefined, undefined],
])('ephemeral ports of %j', (range, expected) => {
  expect(portsIn(range)).toBe(expected)
})

test.each([
  ['no container', 8e9, 0, 8e9],
  ['a container with less', 8e9, 2e9, 2e9],
  ['a container without a limit', 8e9, 2 ** 63, 8e9],
])('memory: %s', (_case, total, constrained, expected) => {
  expect(memoryLimit(total, constrained)).toBe(expected)
})
