import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises'
import {hostname, tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {Redis} from 'ioredis'
import {afterAll, afterEach, beforeAll, describe, expect, test, vi} from 'vitest'
import {FAULT_NAMES} from '../../../src/lib/faults/catalogue.js'
import {type RedisService, startRedis} from '../../../src/lib/targets/embedded/redis.js'

const BIN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const ALLOWED = ['--allow-host', '127.0.0.1']
const PATIENCE = {timeout: 15_000}
const started: ChildProcess[] = []
let state: string
let service: RedisService
let redis: Redis

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'proofload-state-'))
  service = await startRedis()
  redis = new Redis(service.url)
})

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

afterAll(async () => {
  redis.disconnect()
  await service[Symbol.asyncDispose]()
  await rm(state, {recursive: true})
})

async function fault(...argv: string[]) {
  const env = {PROOFLOAD_STATE: state, DEBUG: ''}
  const {stdout, stderr, exitCode} = await execa(process.execPath, [BIN, 'fault', ...argv], {reject: false, env})
  return {stdout, stderr, exitCode}
}

const onRedis = () => ['--target', service.url, ...ALLOWED]

describe('proofload fault', () => {
  test.each([
    ['a misspelt command', ['recovr'], "there is no fault 'recovr', did you mean 'recover'?"],
    [
      'a host that nobody allowed, this machine too',
      ['redis.kill', '--target', 'redis://localhost:1'],
      'a fault on localhost is not allowed, as that may be a tunnel: to allow it, add --allow-host localhost',
    ],
  ])('refuses %s', async (_what, argv, message) => {
    const {stdout, stderr, exitCode} = await fault(...argv)
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
    expect(stderr).toContain(message)
  })

  test('says that nobody answers', async () => {
    const {stderr, exitCode} = await fault('redis.kill', '--target', 'redis://:secret@127.0.0.1:1', ...ALLOWED)
    expect(exitCode).toBe(69)
    expect(stderr).toContain('the Redis at 127.0.0.1:1 cannot be used')
    expect(stderr).not.toContain('secret')
  })

  test('shows whom it would hit and stops, with --dry-run', async () => {
    const {stdout, exitCode} = await fault('redis.disconnect', '--for', '5s', '--dry-run', ...onRedis())
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/Server {5}.+ at 127\.0\.0\.1:\d+ as default\nWould hit {2}1 client\n/)
    expect(stdout).toContain('DRY RUN  nothing was harmed')
  })

  test('injects, waits, reverts and tells what was done', async () => {
    const {stdout, stderr, exitCode} = await fault('redis.pause-write', '--for', '300ms', '--json', ...onRedis())
    expect(exitCode).toBe(0)
    expect(stderr).toContain('redis.pause-write for 300ms on ')
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'proofload.fault/1',
      fault: 'redis.pause-write for 300ms',
      outcome: 'reverted',
      exitCode: 0,
    })
  })

  test.runIf(process.platform === 'linux').each([
    ['Ctrl-C', 'SIGINT', 130],
    ['a kill', 'SIGKILL', null],
  ] as const)('puts everything back at %s', async (_what, signal, exitCode) => {
    const profile = join(state, 'proofload.yaml')
    const victim = spawn('sleep', ['60'], {stdio: 'ignore'})
    started.push(victim)
    await once(victim, 'spawn')
    await writeFile(
      profile,
      `targets: [ws://localhost]\nprotocol: json\nnodes: [{name: chat-1, pid: ${victim.pid ?? 0}}]\n`,
    )
    const argv = ['node.pause', '--profile', profile, '--param', 'node=chat-1', '--for', '60s', '--allow-sticky']
    const env = {...process.env, PROOFLOAD_STATE: state}
    const child = spawn(process.execPath, [BIN, 'fault', ...argv], {stdio: 'ignore', env})
    started.push(child)
    const closed = once(child, 'close')
    await vi.waitFor(async () => expect(await stateOf(victim.pid)).toBe('T'), PATIENCE)
    child.kill(signal)
    expect((await closed)[0]).toBe(exitCode)
    await vi.waitFor(async () => expect(await stateOf(victim.pid)).toMatch(/[RS]/), PATIENCE)
    await vi.waitFor(async () => expect(await readdir(join(state, 'locks'))).toEqual([]), PATIENCE)
  })
})

async function stateOf(pid = 0): Promise<string> {
  const {stdout} = await execa('ps', ['-o', 'state=', '-p', String(pid)], {reject: false})
  return stdout.trim().slice(0, 1)
}

describe('proofload fault list', () => {
  test('shows every fault, within 100 columns', async () => {
    const {stdout, stderr, exitCode} = await fault('list')
    expect({stderr, exitCode}).toEqual({stderr: '', exitCode: 0})
    for (const name of FAULT_NAMES) expect(stdout).toMatch(new RegExp(`^${name} `, 'm'))
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  test('is data with --json', async () => {
    const {stdout} = await fault('list', '--json')
    const {faults} = JSON.parse(stdout) as {faults: object}
    expect(Object.keys(faults)).toEqual(FAULT_NAMES)
  })
})

describe('proofload fault recover', () => {
  test('finds nothing where nothing was left', async () => {
    const {stdout, exitCode} = await fault('recover')
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`CLEAN  nothing is left in ${state}`)
  })

  test('puts a Redis right once it is told where it is', async () => {
    const [, had] = (await redis.config('GET', 'maxclients').catch(() => [])) as string[]
    if (had === undefined) return
    await redis.config('SET', 'maxclients', 4242)
    await leave({had: Number(had), set: 4242})
    const left = await fault('recover')
    expect(left.exitCode).toBe(2)
    expect(left.stdout.replaceAll(/\s+/g, ' ')).toContain(
      `needs --redis URL, or a --profile, that leads to 127.0.0.1:${service.port}`,
    )
    const {stdout, exitCode} = await fault('recover', '--redis', service.url)
    expect(stdout).toMatch(/reverted +redis\.max-clients at 0ms for 9s on redis 127\.0\.0\.1/)
    expect(exitCode).toBe(0)
    expect(await redis.config('GET', 'maxclients')).toEqual(['maxclients', had])
  })
})

/** The journal of a run whose host went down in the middle of it. */
async function leave(undoing: object): Promise<void> {
  const writer = {
    runId: 'gone',
    pid: 99,
    identity: 'gone',
    host: hostname(),
    command: 'c',
    target: 't',
  }
  const text = 'redis.max-clients at 0ms for 9s'
  const records = [
    {
      kind: 'planned',
      at: '2026-01-01T00:00:00.000Z',
      writer,
      faults: [{name: 'redis.max-clients', text, needs: 'redis'}],
      servers: [`redis 127.0.0.1:${service.port}`],
    },
    {kind: 'injecting', at: '2026-01-01T00:00:01.000Z', fault: 0, undoing},
  ]
  await writeFile(join(state, 'runs', 'gone.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''))
}
