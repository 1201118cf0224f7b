/** Both Redis carriers over a cluster of two nodes, and over the sentinels of a server. */
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, test, vi} from 'vitest'
import {startGuarded, type Guarded} from '../../../src/lib/targets/embedded/guarded.js'
import {freePort} from '../../../src/lib/targets/embedded/ports.js'
import {realServers, startRedis, type RedisService} from '../../../src/lib/targets/embedded/redis.js'
import {carriesAll, endAll, ONE, SPREAD, CARRIERS} from './carrying.js'
import {Hearing, operatorOf, shareOf, WITHIN_10_S} from './hearing.js'

const [server] = realServers()

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'proofload-redis-'))
})
afterAll(() => rm(directory, {recursive: true}))
afterEach(endAll)

function start(argsOn: (port: number) => readonly string[]): Promise<Guarded> {
  const command = server?.command ?? ''
  return startGuarded((port) => ({server: 'redis', command, args: argsOn(port), port}))
}

describe.skipIf(server === undefined)('over a cluster (needs redis-server)', () => {
  let nodes: readonly Guarded[]

  beforeAll(async () => {
    const node = (port: number) => [
      ...(server?.args(port) ?? []),
      ...['--cluster-enabled', 'yes', '--cluster-config-file', join(directory, `nodes-${port}.conf`)],
    ]
    nodes = [await start(node), await start(node)]
    const operators = await Promise.all(nodes.map(({port}) => operatorOf(`redis://127.0.0.1:${port}`)))
    await operators[0]?.call('CLUSTER', 'ADDSLOTSRANGE', '0', '8191')
    await operators[1]?.call('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383')
    await operators[0]?.call('CLUSTER', 'MEET', '127.0.0.1', String(nodes[1]?.port))
    for (const operator of operators) {
      await vi.waitFor(
        async () => expect(String(await operator.call('CLUSTER', 'INFO'))).toMatch(/state:ok[\s\S]*known_nodes:2/),
        {
          timeout: 20_000,
          interval: 50,
        },
      )
      operator.disconnect()
    }
  })
  afterAll(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]()
  })

  test.each(['redis-pubsub', 'redis-stream'] as const)('%s: all comes out, in order', async (transport) => {
    const url = `redis+cluster://${nodes.map(({port}) => `127.0.0.1:${port}`).join(',')}`
    await carriesAll(transport, shareOf(url, SPREAD))
    await endAll()
    for (const {port} of nodes) {
      const operator = await operatorOf(`redis://127.0.0.1:${port}`)
      expect(await operator.keys('proofload-*')).toEqual([])
      operator.disconnect()
    }
  })
})

describe.skipIf(server === undefined)('over sentinels (needs redis-server)', () => {
  let service: RedisService
  let sentinel: Guarded

  beforeAll(async () => {
    service = await startRedis()
    const file = join(directory, 'sentinel.conf')
    await writeFile(file, `sentinel monitor chat 127.0.0.1 ${service.port} 1\n`)
    sentinel = await start((port) => [file, '--sentinel', '--port', String(port), '--bind', '127.0.0.1'])
  })
  afterAll(async () => {
    await sentinel[Symbol.asyncDispose]()
    await service[Symbol.asyncDispose]()
  })

  test.each(['redis-pubsub', 'redis-stream'] as const)('%s: all comes out, in order', async (transport) => {
    const gone = await freePort()
    await carriesAll(transport, shareOf(`redis+sentinel://127.0.0.1:${gone},127.0.0.1:${sentinel.port}/chat`, SPREAD))
  })

  test('a server that they do not know is a target error', async () => {
    const carrier = CARRIERS['redis-pubsub'](
      shareOf(`redis+sentinel://127.0.0.1:${sentinel.port}/other`, ONE),
      new Hearing(),
    )
    await vi.waitFor(() => expect(carrier.open()).rejects.toThrow(/cannot be used: .*entinel/), WITHIN_10_S)
  })
})
