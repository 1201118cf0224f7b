import {describe, expect, test} from 'vitest'
import {mustBeTaken} from '../../src/lib/chat/largest-message.js'
import {practiceProfile} from '../../src/lib/targets/profile/load-profile.js'

const publish = {send: '{"body":"{{body}}"}', largest: 1000}

describe('a payload', () => {
  test.each([
    ['that fits into a frame is taken', {publish}, 900, undefined],
    ['that fits only without its frame is refused', {publish}, 1000, /more than the target takes/],
    ['is taken where the protocol says nothing of it', {publish: {send: publish.send}}, 1e9, undefined],
  ] as const)('%s', (_, protocol, bytes, why) => {
    const act = () => mustBeTaken(protocol, bytes)
    if (why === undefined) expect(act).not.toThrow()
    else expect(act).toThrow(why)
  })

  test('beyond what the practice target reads is refused before the load', async () => {
    const {protocol} = await practiceProfile()
    expect(() => mustBeTaken(protocol, 64 * 1024)).toThrow('--payload 64 KiB is more than the target takes')
    expect(() => mustBeTaken(protocol, 60_000)).not.toThrow()
  })
})
