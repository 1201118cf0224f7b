import {describe, expect, test} from 'vitest'
import {controlGroupOf} from '../../../src/lib/cli/doctor/control-group.js'
import {machineStateOf} from '../../../src/lib/cli/doctor/machine-state.js'
import type {MachineState} from '../../../src/lib/report/diagnosis-schema.js'
import {basics, GIB, LINUX, machine, textsOf} from './texts.js'

test('a Linux machine tells everything', () => {
  expect(machineStateOf(textsOf(LINUX), basics())).toEqual({
    platform: 'linux',
    cores: 4,
    load: 0.42,
    memoryBytes: 16 * GIB,
    memoryAvailableBytes: 12 * GIB,
    descriptorsSoft: 20_000,
    descriptorsHard: 1_048_576,
    filesOpen: 1024,
    filesMost: 2_466_183,
    descriptorCeiling: 1_048_576,
    firstPort: 32_768,
    lastPort: 60_999,
    timeWait: 12,
    timeWaitReuse: 2,
    acceptQueue: 4096,
    handshakeQueue: 2048,
    manyLoopbackAddresses: true,
  } satisfies MachineState)
})

test.each<[string, Record<string, string>, Partial<MachineState>]>([
  [
    'a conntrack table',
    {
      '/proc/sys/net/netfilter/nf_conntrack_max': '262144\n',
      '/proc/sys/net/netfilter/nf_conntrack_count': '250000\n',
    },
    {trackedMost: 262_144, trackedConnections: 250_000},
  ],
  [
    'no limit of descriptors in the whole system',
    {'/proc/sys/fs/file-nr': '0\t0\t9223372036854775807'},
    {filesMost: 2 ** 63},
  ],
  [
    'a hard limit without a number',
    {'/proc/self/limits': 'Max open files  20000  unlimited  files'},
    {descriptorsHard: 20_000},
  ],
  [
    'a container of cgroup 2',
    {
      '/proc/self/cgroup': '0::/kubepods/pod1\n',
      '/sys/fs/cgroup/memory.max': '2147483648\n',
      '/sys/fs/cgroup/memory.current': '1610612736\n',
      '/sys/fs/cgroup/memory.stat': 'anon 1073741824\ninactive_file 536870912\n',
      '/sys/fs/cgroup/cpu.max': '150000 100000\n',
    },
    {memoryLimitBytes: 2 * GIB, memoryAvailableBytes: GIB, coresAllowed: 1.5},
  ],
  [
    'a limit beyond all memory',
    {'/sys/fs/cgroup/memory.max': String(64 * GIB)},
    {memoryBytes: 16 * GIB, memoryAvailableBytes: 12 * GIB},
  ],
])('Linux with %s', (_case, changes, expected) => {
  expect(machineStateOf(textsOf({...LINUX, ...changes}), basics())).toMatchObject(expected)
})

test('a Mac tells what sysctl knows', () => {
  const texts = textsOf({
    'sysctl:kern.maxfiles': ' 245760',
    'sysctl:kern.num_files': ' 5000',
    'sysctl:kern.ipc.somaxconn': ' 128',
    'sysctl:net.inet.ip.portrange.first': ' 49152',
    'sysctl:net.inet.ip.portrange.last': ' 65535',
  })
  const mac = {...machine, platform: 'darwin', descriptorsPerProcess: 10_240, ephemeralPorts: 16_384}
  expect(machineStateOf(texts, basics({machine: mac, load: 1.5, manyLoopbackAddresses: false}))).toEqual({
    platform: 'darwin',
    cores: 4,
    load: 1.5,
    memoryBytes: 16 * GIB,
    memoryAvailableBytes: GIB,
    descriptorsSoft: 10_240,
    descriptorsHard: 10_240,
    filesOpen: 5000,
    filesMost: 245_760,
    firstPort: 49_152,
    lastPort: 65_535,
    acceptQueue: 128,
    manyLoopbackAddresses: false,
  } satisfies MachineState)
})

test('a system that tells nothing is taken as Node sees it', () => {
  expect(machineStateOf(textsOf({}), basics())).toEqual({
    platform: 'linux',
    cores: 4,
    memoryBytes: 16 * GIB,
    memoryAvailableBytes: GIB,
    descriptorsSoft: 20_000,
    descriptorsHard: 20_000,
    firstPort: 37_304,
    lastPort: 65_535,
    manyLoopbackAddresses: true,
  } satisfies MachineState)
})

describe('control groups', () => {
  test('the tightest of a group and those above it counts', () => {
    const texts = textsOf({
      '/proc/self/cgroup': '0::/user.slice/session.scope\n',
      '/sys/fs/cgroup/user.slice/session.scope/memory.max': 'max\n',
      '/sys/fs/cgroup/user.slice/memory.max': '4294967296\n',
      '/sys/fs/cgroup/user.slice/memory.current': '1073741824\n',
      '/sys/fs/cgroup/user.slice/cpu.max': 'max 100000\n',
    })
    expect(controlGroupOf(texts)).toEqual({memoryLimit: 4 * GIB, memoryLeft: 3 * GIB, cores: undefined})
  })

  test('cgroup 1 has a folder for each controller', () => {
    const texts = textsOf({
      '/proc/self/cgroup': '5:cpu,cpuacct:/docker/a\n4:memory:/docker/a\n1:name=systemd:/\n',
      '/sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes': '1073741824\n',
      '/sys/fs/cgroup/memory/docker/a/memory.usage_in_bytes': '268435456\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      '/sys/fs/cgroup/cpu,cpuacct/docker/a/cpu.cfs_quota_us': '50000\n',
      '/sys/fs/cgroup/cpu,cpuacct/docker/a/cpu.cfs_period_us': '100000\n',
    })
    expect(controlGroupOf(texts)).toEqual({memoryLimit: GIB, memoryLeft: 0.75 * GIB, cores: 0.5})
  })

  test.each([
    ['no file at all', {}],
    [
      'no limit',
      {'/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': 'max\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n'},
    ],
    [
      'no quota of cgroup 1',
      {
        '/proc/self/cgroup': '3:cpu:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
    ],
  ])('%s: nothing is limited', (_case, texts: Record<string, string>) => {
    expect(controlGroupOf(textsOf(texts))).toEqual({memoryLimit: undefined, memoryLeft: undefined, cores: undefined})
  })
})
