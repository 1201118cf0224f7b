import {expect, test, vi} from 'vitest'
import {RedisControl} from '../../../src/lib/faults/redis/control.js'
import {startRoughServer} from '../../protocols/redis/rough-server.js'

const WITHIN_10_S = {timeout: 10_000, interval: 20}

test('a link that is cut while it is being mended is mended in the end, and has its name from the first word on', async () => {
  await using server = await startRoughServer([2, 3])
  const control = new RedisControl(server.url, 'proofload-mark')
  try {
    await control.open()
    server.cutAll()
    await vi.waitFor(() => expect(server.heard).toHaveLength(4), WITHIN_10_S)
    await vi.waitFor(async () => expect(await control.call('PING')).toBe('OK'), WITHIN_10_S)
    expect(control.isUp).toBe(true)
    expect(server.heard.map(([first]) => first)).toEqual(Array(4).fill('client setname proofload-mark'))
  } finally {
    control.close()
  }
})
