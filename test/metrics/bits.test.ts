import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {Bits} from '../../src/lib/metrics/bits.js'

const SIZE = 100
const member = fc.nat({max: SIZE - 1})
const change = fc.record({add: fc.boolean(), member})

function apply(changes: readonly {add: boolean; member: number}[]): {bits: Bits; set: Set<number>} {
  const [bits, set] = [new Bits(SIZE), new Set<number>()]
  for (const {add, member} of changes) {
    if (add) bits.add(member)
    else bits.remove(member)
    if (add) set.add(member)
    else set.delete(member)
  }
  return {bits, set}
}

describe('a set of bits', () => {
  it('holds what a set of numbers holds, in ascending order', () => {
    fc.assert(
      fc.property(fc.array(change), member, (changes, asked) => {
        const {bits, set} = apply(changes)
        expect([...bits]).toEqual([...set].sort((a, b) => a - b))
        expect(bits.size).toBe(set.size)
        expect(bits.has(asked)).toBe(set.has(asked))
      }),
    )
  })

  it('is empty at first', () => {
    expect([...new Bits(SIZE)]).toEqual([])
    expect(new Bits(0).size).toBe(0)
  })

  it.each([31, 32, 33, 63, 64, 96])('can be full at %d', (size) => {
    const bits = new Bits(size)
    for (let index = 0; index < size; index++) bits.add(index)
    expect(bits.size).toBe(size)
    expect([...bits]).toHaveLength(size)
  })

  it('knows nothing of what lies outside', () => {
    const bits = new Bits(32)
    bits.add(32)
    expect(bits.has(32)).toBe(false)
    expect(bits.size).toBe(0)
  })

  it('goes its own way as a copy', () => {
    const {bits} = apply([{add: true, member: 3}])
    const copy = bits.copy()
    copy.add(40)
    bits.remove(3)
    expect([...copy]).toEqual([3, 40])
    expect([...bits]).toEqual([])
  })
})
