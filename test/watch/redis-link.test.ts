import {expect, test, vi} from 'vitest'
import {watchRedis} from '../../src/lib/watch/watch-redis.js'
import {startRoughServer} from '../protocols/redis/rough-server.js'
import {secondsApart} from './kit.js'

const WITHIN_10_S = {timeout: 10_000, interval: 20}

test('a Redis that cuts us off while we come back is looked at again later', async () => {
  await using server = await startRoughServer([2])
  const watcher = watchRedis({kind: 'redis', name: 'redis', url: server.url}, secondsApart().kit)
  try {
    await watcher.sample()
    server.cutAll()
    await vi.waitFor(() => expect(server.heard).toHaveLength(3), WITHIN_10_S)
    await vi.waitFor(() => watcher.sample(), WITHIN_10_S)
    expect(server.heard).toEqual([
      ['client setname proofload-watch', 'info'],
      ['client setname proofload-watch'],
      ['client setname proofload-watch', 'info'],
    ])
  } finally {
    await watcher.close()
  }
})
