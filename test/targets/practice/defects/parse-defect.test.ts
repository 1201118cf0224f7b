import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {UsageError} from '../../../../src/lib/base/errors.js'
import {DEFECT_NAMES, DEFECTS} from '../../../../src/lib/targets/practice/defects/catalogue.js'
import {formatDefect, parseDefect} from '../../../../src/lib/targets/practice/defects/parse-defect.js'

describe('a defect', () => {
  it.each([
    ['lose-deliveries=1%', {name: 'lose-deliveries', value: 0.01}],
    ['duplicate-deliveries=0.5', {name: 'duplicate-deliveries', value: 0.5}],
    ['refuse-handshakes', {name: 'refuse-handshakes', value: 0.02}],
    ['close-connections=1%/s', {name: 'close-connections', value: 0.01}],
    ['close-connections=5%', {name: 'close-connections', value: 0.05}],
    ['deaf-node=2', {name: 'deaf-node', value: 2}],
    ['stall-output', {name: 'stall-output', value: {length: 500, every: 5000}}],
    ['stall-output=1s/1m', {name: 'stall-output', value: {length: 1000, every: 60_000}}],
    ['ungraceful-cap', {name: 'ungraceful-cap', value: 'drop'}],
    ['ungraceful-cap=kill', {name: 'ungraceful-cap', value: 'kill'}],
    ['zombie-member', {name: 'zombie-member', value: 1}],
  ])('%s is read', (text, spec) => {
    expect(parseDefect(text)).toEqual(spec)
  })

  it.each([
    ['lose-delivery=1%', "did you mean 'lose-deliveries'?"],
    ['lose-deliveries=0%', 'positive'],
    ['lose-deliveries=101%', '100%'],
    ['lose-deliveries=', 'lose-deliveries: expected'],
    ['deaf-node=first', 'deaf-node: expected'],
    ['stall-output=500ms', 'LENGTH/EVERY'],
    ['stall-output=5s/500ms', 'never lets anything out'],
    ['stall-output=500/5s', 'unit is missing'],
    ['ungraceful-cap=politely', 'expected kill or drop'],
    ['', "unknown defect ''"],
    ['toString', "unknown defect 'toString'"],
  ])('%s is refused with a word on what is right: %s', (text, hint) => {
    expect(() => parseDefect(text)).toThrow(UsageError)
    expect(() => parseDefect(text)).toThrow(hint)
  })

  it('has a usual value that is valid, for every name in the catalogue', () => {
    for (const name of DEFECT_NAMES) expect(parseDefect(name)).toEqual(parseDefect(`${name}=${DEFECTS[name].usual}`))
  })

  it('reads back what it writes', () => {
    const share = fc.integer({min: 1, max: 10_000}).map((hundredths) => `${hundredths / 100}%`)
    fc.assert(
      fc.property(fc.constantFrom('lose-deliveries', 'close-connections'), share, (name, text) => {
        const spec = parseDefect(`${name}=${text}`)
        expect(parseDefect(formatDefect(spec))).toEqual(spec)
      }),
    )
    for (const text of ['deaf-node=2', 'stall-output=150ms/5s', 'ungraceful-cap=kill']) {
      const spec = parseDefect(text)
      expect(parseDefect(formatDefect(spec))).toEqual(spec)
    }
  })
})
