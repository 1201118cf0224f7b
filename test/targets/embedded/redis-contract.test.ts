/** The in-process Redis answers as a real one does; without a real one, as the recorded replies of a real one. */
import {readFileSync} from 'node:fs'
import {Redis} from 'ioredis'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {realServers, startRedis, type RedisService} from '../../../src/lib/targets/embedded/redis.js'
import {CONTRACT, UNORDERED, wordsOf, type ContractRow} from './redis-contract.js'
import {SCENES, type Scene} from './redis-scenes.js'

const RECORDED = new URL('redis-replies.snap', import.meta.url)
const hasReal = realServers().length > 0

/** One server of the two, and all clients made of it. */
class Side {
  readonly #clients: Redis[] = []

  constructor(readonly service: RedisService) {}

  join(): Redis {
    const client = new Redis(this.service.url, {
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      connectTimeout: 5000,
    })
    client.on('error', () => undefined)
    this.#clients.push(client)
    return client
  }

  leave(): void {
    for (const client of this.#clients.splice(0)) client.disconnect()
  }
}

/** Bytes as text; errors by their code, because wordings differ between versions. */
function plain(reply: unknown): unknown {
  if (Buffer.isBuffer(reply)) return reply.toString('latin1')
  if (reply instanceof Error) return {error: reply.message.split(' ')[0]}
  return Array.isArray(reply) ? reply.map(plain) : reply
}

function sorted(reply: unknown): unknown {
  if (!Array.isArray(reply)) return reply
  return reply.map(sorted).toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1))
}

async function repliesOf(side: Side, [, ...commands]: ContractRow): Promise<string[]> {
  const client = side.join()
  await client.flushall()
  const replies: string[] = []
  for (const command of commands) {
    const [name = Buffer.alloc(0), ...args] = wordsOf(command)
    const reply = plain(await client.callBuffer(name.toString(), ...args).catch((error: unknown) => error))
    replies.push(`${command} → ${JSON.stringify(UNORDERED.test(name.toString()) ? sorted(reply) : reply)}`)
  }
  return replies
}

async function seen(side: Side, scene: Scene): Promise<unknown> {
  const first = side.join()
  await first.flushall()
  first.disconnect()
  return scene.see(() => side.join())
}

type Replies = Readonly<Record<string, readonly string[]>>

afterEach(() => {
  fallback.leave()
  real?.leave()
})

async function allReplies(side: Side): Promise<Replies> {
  const all: Record<string, string[]> = {}
  for (const row of CONTRACT) {
    all[row[0]] = await repliesOf(side, row)
    side.leave()
  }
  return all
}

let fallback: Side
let real: Side | undefined

beforeAll(async () => {
  fallback = new Side(await startRedis({prefer: 'fallback'}))
  real = hasReal ? new Side(await startRedis()) : undefined
})

afterAll(async () => {
  for (const side of [fallback, real]) {
    side?.leave()
    await side?.service[Symbol.asyncDispose]()
  }
})

describe('the in-process Redis', () => {
  test.each(CONTRACT.map((row) => ({name: row[0], row})))('replies as recorded: $name', async ({name, row}) => {
    const recorded = JSON.parse(readFileSync(RECORDED, 'utf8')) as Replies
    expect(await repliesOf(fallback, row)).toEqual(recorded[name])
  })

  test('says that it is not the real one', () => {
    expect(fallback.service.kind).toBe('fallback')
    expect(fallback.service.describe()).toMatch(/^in-process Redis on ioredis-mock \S+ on port \d+$/)
  })
})

describe.skipIf(!hasReal)('a real redis-server (skipped where none is on PATH)', () => {
  test('still replies as it was recorded', async () => {
    if (real === undefined) throw new Error('no real server')
    await expect(`${JSON.stringify(await allReplies(real), null, 2)}\n`).toMatchFileSnapshot(RECORDED.pathname)
  })

  test.each(SCENES)('shows several clients the same as the in-process one: $name', async (scene) => {
    if (real === undefined) throw new Error('no real server')
    expect(await seen(fallback, scene)).toEqual(await seen(real, scene))
  })
})

describe.skipIf(hasReal)('without a real redis-server on PATH there is nothing to compare with', () => {
  test.each(SCENES)('the in-process one plays: $name', async (scene) => {
    expect(await seen(fallback, scene)).toBeDefined()
  })
})
