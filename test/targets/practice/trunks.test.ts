import {describe, expect, it} from 'vitest'
import {pack, trunkOf, Tuning, unpack} from '../../../src/lib/targets/practice/trunks.js'

const messages = Array.from({length: 500}, (_, id) => ({
  channel: `room:grüße ${id % 60}`,
  text: `{"id":${id},"body":"ä"}`,
}))

function unpacked(text: string): {channel: string; text: string}[] {
  const found: {channel: string; text: string}[] = []
  unpack(Buffer.from(text), (channel, part) => found.push({channel, text: part.toString()}))
  return found
}

describe('what is packed', () => {
  it('travels in few loads, and comes out whole and in order on the trunk of its channel', () => {
    const loads = pack(messages)
    expect(loads.length).toBeLessThanOrEqual(8)
    expect(loads.flatMap(({places}) => places).sort((a, b) => a - b)).toEqual([...messages.keys()])
    for (const {trunk, text, places} of loads) {
      expect(unpacked(text)).toEqual(places.map((place) => messages[place]))
      expect(unpacked(text).every(({channel}) => trunkOf(channel) === trunk)).toBe(true)
      expect(places).toEqual([...places].sort((a, b) => a - b))
    }
  })

  it('is cut into loads of a quarter of a mebibyte', () => {
    const large = Array.from({length: 10}, () => ({channel: 'room:r', text: 'x'.repeat(100_000)}))
    expect(pack(large).map(({places}) => places)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
      [8, 9],
    ])
  })
})

describe('what is heard', () => {
  it('is a channel and no other on the same trunk, until the last one is given up', () => {
    const tuning = new Tuning()
    const trunk = trunkOf('room:a')
    const other = messages.map(({channel}) => channel).find((channel) => trunkOf(channel) === trunk) ?? ''
    expect(tuning.add(['room:a'])).toEqual([trunk])
    expect([tuning.hears(trunk, 'room:a'), tuning.hears(trunk, other)]).toEqual([true, false])
    tuning.add([other])
    expect(tuning.remove(['room:a'])).toEqual([])
    expect(tuning.remove([other])).toEqual([trunk])
    expect(tuning.hears(trunk, other)).toBe(false)
  })
})
