/** Faults and conditions from the command line to the drill: what it is handed, and what becomes of them when it fails. */
import {createServer, type Server} from 'node:net'
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it, test, vi} from 'vitest'
import type {FaultRun} from '../../src/lib/faults/fault.js'
import {runFake, TARGET} from './fake-drill.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proofload-faults-'))
  vi.stubEnv('XDG_STATE_HOME', folder)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, {recursive: true})
})

const LINK_DOWN = ['--fault', 'net.down(proxy=target) at 0s for 10s']

test('a dry run shows the faults as they are planned, and the conditions', async () => {
  const ran = await runFake([
    '--dry-run',
    '--fault',
    'net.latency( proxy=redis, latency=200ms ) at 5s for 3s',
    '--fault',
    'redis.kill at 2s',
    '--stop-when',
    'rate(messages_lost)>5/s',
  ])
  expect(JSON.parse(ran.stdout)).toMatchObject({
    faults: [
      {name: 'redis.kill', atMs: 2000, forMs: 0},
      {name: 'net.latency', parameters: {proxy: 'redis', latency: 200}, atMs: 5000, forMs: 3000},
    ],
    stopWhen: ['rate(messages_lost) > 5/s'],
  })
})

test.each([
  [
    'a service that the profile does not name',
    ['--fault', 'pg.terminate at 1s'],
    "fault 'pg.terminate at 1s' needs the target's postgres: add its URL to the profile as services.postgres",
  ],
  [
    'a node that the profile does not name',
    ['--fault', 'node.kill(node=a) at 1s'],
    "there is no node 'a': the profile has no 'nodes:'",
  ],
  ['a proxy that is not there', ['--fault', 'net.down(proxy=targt) at 1s for 1s'], "did you mean 'target'?"],
])('a fault on %s is refused with the key to add', async (_what, flags, message) => {
  const ran = await runFake([...TARGET, ...flags])
  expect(ran.exitCode).toBe(2)
  expect(ran.stderr).toContain(message)
})

test('a direct fault on a server that we did not start needs permission on this machine too', async () => {
  const file = join(folder, 'proofload.yaml')
  await writeFile(file, 'targets: [ws://127.0.0.1:9]\nprotocol: json\nservices:\n  redis: redis://127.0.0.1:9\n')
  const flags = ['--profile', file, '--fault', 'redis.disconnect at 1s for 1s']
  const refused = await runFake(flags)
  expect(refused.exitCode).toBe(2)
  expect(refused.stderr).toContain('to allow it, add --allow-host 127.0.0.1')
  const allowed = await runFake([...flags, '--allow-host', '127.0.0.1'])
  expect(allowed.exitCode).toBe(69)
})

describe('the link to the target', () => {
  let server: Server
  let target: string[]

  beforeEach(async () => {
    server = createServer((socket) => socket.on('error', () => undefined).resume())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    target = ['--target', `ws://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`]
  })

  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve))
  })

  it('goes over a proxy, whose fault is announced, injected, and reverted when the drill fails', async () => {
    let run: FaultRun | undefined
    const ran = await runFake([...target, ...LINK_DOWN], async (kit) => {
      run = kit.orders.faults
      expect(Object.keys(kit.target.detours ?? {})).toEqual([kit.target.urls[0]?.replace('ws://', '')])
      run?.start(kit.clock.now())
      await vi.waitFor(() => expect(run?.records[0]?.outcome).toBe('active'), {timeout: 10_000})
      throw new TypeError('a bug in the drill')
    })
    expect(ran.exitCode).toBe(1)
    expect(run?.records[0]).toMatchObject({outcome: 'reverted'})
    expect(ran.stderr).toMatch(/fault net\.down\(proxy=target\) at 0ms for 10s: proxy target at 127\.0\.0\.1:\d+, to /)
  })

  it('is what it was when the run has a fault on something else', async () => {
    const ran = await runFake(target, (kit) => {
      expect(kit.target.detours).toBeUndefined()
      return Promise.resolve()
    })
    expect(ran.exitCode).toBe(0)
    expect(await readdir(folder)).toEqual([])
  })
})
