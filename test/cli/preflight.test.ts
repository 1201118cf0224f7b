import {expect, test} from 'vitest'
import {UsageError} from '../../src/lib/base/errors.js'
import {checkMachine} from '../../src/lib/cli/preflight.js'
import type {CommonInput} from '../../src/lib/drills/drill.js'
import type {Machine, MachineNeeds, PlanFrame} from '../../src/lib/drills/drill.js'
import type {AllowedTarget} from '../../src/lib/targets/safety/allow-list.js'

const machine: Machine = {
  cores: 2,
  memoryBytes: 4 * 2 ** 30,
  descriptorsPerProcess: 20_000,
  ephemeralPorts: 28_000,
  platform: 'linux',
}
const needs: MachineNeeds = {workers: 3, descriptorsPerWorker: 17_000, sockets: 50_000, memoryBytes: 2 ** 30}

const local: AllowedTarget = {url: 'ws://127.0.0.1:9', host: '127.0.0.1', addresses: ['127.0.0.1'], loopback: true}
const remote: AllowedTarget = {
  url: 'wss://chat.example',
  host: 'chat.example',
  addresses: ['192.0.2.1'],
  loopback: false,
}

interface Case {
  readonly machine?: Partial<Machine>
  readonly needs?: Partial<MachineNeeds>
  readonly targets?: readonly string[]
  readonly sources?: readonly string[]
  readonly host?: AllowedTarget
}

function check(changes: Case): void {
  const plan = {needs: {...needs, ...changes.needs}, practice: {nodes: 2}} as PlanFrame
  const input = {
    machine: {...machine, ...changes.machine},
    targets: changes.targets ?? [],
    sourceAddresses: changes.sources ?? [],
  } as unknown as CommonInput
  checkMachine(plan, input, changes.host ? [changes.host] : [])
}

const oneTarget = ['wss://chat.example']

test.each<[string, Case]>([
  ['the practice target on Linux, which answers on all of 127.0.0.0/8', {}],
  ['a target on loopback on Linux', {targets: ['ws://127.0.0.1:9'], host: local}],
  ['two practice nodes on a Mac', {machine: {platform: 'darwin'}}],
  ['two source addresses', {targets: oneTarget, host: remote, sources: ['10.0.0.1', '10.0.0.2']}],
  ['two addresses of one name', {targets: oneTarget, host: {...remote, addresses: ['192.0.2.1', '192.0.2.2']}}],
  ['two ports of one host', {targets: ['wss://chat.example', 'wss://chat.example:8443/ws'], host: remote}],
])('50,000 sockets fit with %s', (_case, changes) => {
  expect(() => check(changes)).not.toThrow()
})

test.each<[string, Case, string]>([
  [
    'too few descriptors',
    {machine: {descriptorsPerProcess: 1024}},
    'need 17,000 descriptors in one process, but this machine allows 1,024',
  ],
  [
    'too little memory',
    {needs: {memoryBytes: 8 * 2 ** 30}},
    'the plan needs 8 GiB of memory, but this machine has 4 GiB',
  ],
  ['too few ports', {targets: oneTarget, host: remote}, '50,000 sockets need more than the 28,000 ephemeral ports'],
  ['the same host twice', {targets: [...oneTarget, 'wss://chat.example/b'], host: remote}, 'ephemeral ports'],
])('%s: the limit is named before the run', (_case, changes, message) => {
  expect(() => check(changes)).toThrow(UsageError)
  expect(() => check(changes)).toThrow(message)
})
