import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {entryOf} from '../../../src/lib/base/entry.js'
import {freePort} from '../../../src/lib/targets/embedded/ports.js'
import {startPostgres, type PostgresService} from '../../../src/lib/targets/embedded/postgres.js'
import {startRedis, type RedisService} from '../../../src/lib/targets/embedded/redis.js'
import type {NodeConfig} from '../../../src/lib/targets/practice/node-messages.js'
import {startNode} from '../../../src/lib/targets/practice/node-process.js'
import {startPractice} from '../../../src/lib/targets/practice/practice.js'
import {Undo} from '../../../src/lib/targets/practice/undo.js'
import {TestUser, type Frame} from './test-user.js'

const services = new Undo()
let postgres: PostgresService
let redis: RedisService

beforeAll(async () => {
  const starting = [startPostgres(), startRedis()] as const
  await services.useAll<AsyncDisposable>([...starting])
  ;[postgres, redis] = [await starting[0], await starting[1]]
}, 60_000)

afterAll(() => services[Symbol.asyncDispose]())

async function config(redisUrl = redis.url): Promise<NodeConfig> {
  return {
    index: 0,
    nodes: 1,
    port: await freePort(),
    redisUrl,
    storeUrls: [postgres.url],
    defects: [],
    seed: 'seed',
    roomCap: 1000,
    idleMs: 300_000,
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Speaks once in a room and hears itself. */
async function echo(url: string): Promise<TestUser> {
  const user = await TestUser.connect(url, 'ann')
  await user.join('r')
  user.publish('r', 1)
  await user.nextOf('message')
  return user
}

function isAnswer({type}: Frame): boolean {
  return type === 'joined' || type === 'refused'
}

describe('a node process', () => {
  it('does not mind an interrupt, which is meant for its starter, and is gone when that stops it', async () => {
    const node = await startNode(await config())
    process.kill(node.pid, 'SIGINT')
    const user = await echo(node.url)
    await node[Symbol.asyncDispose]()
    expect(isAlive(node.pid)).toBe(false)
    await user.closed
  })

  it('ends when its starter is killed outright', async () => {
    const script = `
      import {startNode} from ${JSON.stringify(entryOf('../../../dist/lib/targets/practice/node-process.js', import.meta.url).href)}
      const node = await startNode(${JSON.stringify(await config())})
      process.stdout.write(node.pid + '\\n')`
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = Number(String((await once(starter.stdout, 'data'))[0]))
    expect(isAlive(pid)).toBe(true)
    starter.kill('SIGKILL')
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), {timeout: 10_000})
  })

  it('is reported when it dies unasked', async () => {
    const node = await startNode(await config())
    process.kill(node.pid, 'SIGKILL')
    expect(await node.died).toEqual({index: 0, url: node.url, why: 'it ended with SIGKILL'})
    await node[Symbol.asyncDispose]()
  })

  it('says why it does not start', async () => {
    const nobody = await freePort()
    await expect(startNode(await config(`redis://127.0.0.1:${nobody}`))).rejects.toThrow(/node 0 .*Redis.*ECONNREFUSED/)
    const taken = {...(await config()), port: redis.port}
    await expect(startNode(taken)).rejects.toThrow(/EADDRINUSE/)
  })

  it('acks what is stored while Redis is away, refuses joins, and brings everything when Redis is back', async () => {
    const first = await startRedis({prefer: 'fallback'})
    const node = await startNode(await config(first.url))
    const user = await echo(node.url)
    await first[Symbol.asyncDispose]()
    user.publish('r', 2)
    await user.next(({type, id}) => type === 'ack' && id === 2)
    user.send({type: 'join', room: 'new'})
    expect((await user.nextOf('refused')).reason).toContain('Redis')
    const health = await fetch(`${node.url.replace('ws:', 'http:')}/health`)
    expect(await health.json()).toMatchObject({status: 'degraded', postgres: 'ok'})

    const second = await startRedis({prefer: 'fallback', pickPort: () => Promise.resolve(first.port)})
    await vi.waitFor(
      async () => {
        user.send({type: 'join', room: 'new'})
        expect((await user.next(isAnswer)).type).toBe('joined')
      },
      {timeout: 10_000},
    )
    user.publish('r', 3)
    await user.next(({body}) => body === 'body 3')
    expect(user.bodies('r')).toEqual(['body 1', 'body 2', 'body 3'])
    user.close()
    await node[Symbol.asyncDispose]()
    await second[Symbol.asyncDispose]()
  })
})

describe('starting the practice target', () => {
  it('leaves nothing behind when it is broken off', async () => {
    const ending = new AbortController()
    const starting = startPractice({
      nodes: 1,
      signal: ending.signal,
      note: (text) => {
        if (text.includes('nodes')) ending.abort(new Error('enough'))
      },
    })
    await expect(starting).rejects.toThrow('enough')
  })
})
