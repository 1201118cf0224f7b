/** Embedded services are usable when they say so, and gone without a trace when their user ends, however it ends. */
import {execFileSync, spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {createServer, type AddressInfo} from 'node:net'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import {Redis} from 'ioredis'
import {Client} from 'pg'
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import {freePort} from '../../../src/lib/targets/embedded/ports.js'
import {startPostgres} from '../../../src/lib/targets/embedded/postgres.js'
import {realServers, startRedis} from '../../../src/lib/targets/embedded/redis.js'
import {answers, isEmpty, nothingIsLeft, ownTemporaryDirectory, removeDirectory, until} from './left-behind.js'

let directory: string

beforeEach(async () => {
  directory = await ownTemporaryDirectory()
  vi.stubEnv('TMPDIR', directory)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await removeDirectory(directory)
})

/** Answers a taken port first, then free ones. */
async function takenThenFree(): Promise<{pickPort: () => Promise<number>; taken: number; release: () => void}> {
  const squatter = createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  const taken = (squatter.address() as AddressInfo).port
  const ports = [taken]
  return {taken, pickPort: async () => ports.shift() ?? freePort(), release: () => squatter.close()}
}

async function rowOf(url: string, sql: string): Promise<Record<string, unknown> | undefined> {
  const client = new Client({connectionString: url})
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows[0]
  } finally {
    await client.end()
  }
}

async function pingOf(url: string): Promise<string> {
  const client = new Redis(url, {maxRetriesPerRequest: 0})
  try {
    return await client.ping()
  } finally {
    client.disconnect()
  }
}

function startParent(services: readonly string[]): ChildProcess {
  const file = fileURLToPath(new URL('embedded-parent.js', import.meta.url))
  return spawn(process.execPath, [file, ...services], {stdio: ['ignore', 'pipe', 'inherit']})
}

async function portsOf(parent: ChildProcess): Promise<number[]> {
  if (parent.stdout === null) throw new Error('no output')
  const [line] = (await once(createInterface({input: parent.stdout}), 'line')) as [string]
  return (JSON.parse(line) as {port: number}[]).map(({port}) => port)
}

describe('Postgres', () => {
  test('is usable by a plain user and by the superuser, tries another port when one is taken, and goes on dispose', async () => {
    const {pickPort, taken, release} = await takenThenFree()
    const service = await startPostgres({pickPort, settings: {max_connections: '37'}})
    release()
    expect(service.port).not.toBe(taken)
    expect(service.describe()).toBe(`postgres ${service.version} on port ${service.port}`)
    expect(service.version).toMatch(/^17\./)
    const who = "select current_user, current_database(), current_setting('is_superuser') as super"
    expect(await rowOf(service.url, who)).toEqual({
      current_user: 'practice',
      current_database: 'proofload',
      super: 'off',
    })
    expect(await rowOf(service.adminUrl, who)).toMatchObject({current_user: 'postgres', super: 'on'})
    expect(await rowOf(service.url, 'show max_connections')).toEqual({max_connections: '37'})
    expect(await rowOf(service.url, 'create table t as select 1 as x returning x').catch(() => 'no rows')).toBe(
      'no rows',
    )
    expect(await rowOf(service.url, 'create table t (x int)')).toBeUndefined()
    await expect(rowOf(service.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(/password/)

    await service[Symbol.asyncDispose]()
    await nothingIsLeft(directory, [service.port])
    await service[Symbol.asyncDispose]()
  })

  test('that cannot start says why, and leaves nothing behind', async () => {
    await expect(startPostgres({settings: {no_such_setting: 'x'}})).rejects.toThrow(
      /Postgres did not start.*no_such_setting/,
    )
    expect(await isEmpty(directory)).toBe(true)
  })
})

describe.each([
  {name: 'a real redis-server', prefer: 'real', skip: realServers().length === 0},
  {name: 'the in-process Redis', prefer: 'fallback', skip: false},
] as const)('$name (a real one is skipped where none is on PATH)', ({prefer, skip}) => {
  test.skipIf(skip)('answers when it is ready, two run at once, and both go on dispose', async () => {
    const {pickPort, taken, release} = await takenThenFree()
    const [one, two] = await Promise.all([startRedis({prefer, pickPort}), startRedis({prefer})])
    release()
    expect(new Set([taken, one.port, two.port]).size).toBe(3)
    expect(one.kind === 'fallback').toBe(prefer === 'fallback')
    expect([await pingOf(one.url), await pingOf(two.url)]).toEqual(['PONG', 'PONG'])
    await one[Symbol.asyncDispose]()
    expect(await answers(one.port)).toBe(false)
    expect(await pingOf(two.url)).toBe('PONG')
    await two[Symbol.asyncDispose]()
    await nothingIsLeft(directory, [one.port, two.port])
  })

  test.skipIf(skip)('goes, with its directory, when its guardian is killed', async () => {
    const service = await startRedis({prefer})
    const guardian = Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(service.pid)], {encoding: 'utf8'}))
    process.kill(guardian, 'SIGKILL')
    await nothingIsLeft(directory, [service.port])
    await service[Symbol.asyncDispose]()
  })
})

test('without a redis-server on PATH the in-process one is started', async () => {
  vi.stubEnv('PATH', '/nowhere')
  const service = await startRedis()
  expect(service.kind).toBe('fallback')
  await service[Symbol.asyncDispose]()
})

test('all services go when the process that started them is killed', async () => {
  const parent = startParent(['postgres', 'redis', 'fallback'])
  const ports = await portsOf(parent)
  expect(await Promise.all(ports.map(answers))).toEqual([true, true, true])
  parent.kill('SIGKILL')
  await nothingIsLeft(directory, ports)
})

test('a process that is killed while its services start leaves nothing either', async () => {
  const parent = startParent(['postgres', 'fallback'])
  await until(async () => !(await isEmpty(directory)))
  parent.kill('SIGKILL')
  await nothingIsLeft(directory, [])
})

test('a guardian does not listen to Ctrl-C, and its server neither', async () => {
  const service = await startRedis({prefer: 'fallback'})
  const guardian = Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(service.pid)], {encoding: 'utf8'}))
  process.kill(guardian, 'SIGINT')
  expect(await pingOf(service.url)).toBe('PONG')
  await service[Symbol.asyncDispose]()
  await nothingIsLeft(directory, [service.port])
})
