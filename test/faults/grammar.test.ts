import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {UsageError} from '../../src/lib/base/errors.js'
import {FAULT_NAMES} from '../../src/lib/faults/catalogue.js'
import {formatFault, parseFault} from '../../src/lib/faults/grammar.js'

describe('the fault grammar', () => {
  test.each([
    ['redis.disconnect at 20s for 5s', {name: 'redis.disconnect', parameters: {}, atMs: 20_000, forMs: 5000}],
    ['redis.kill at 0', {name: 'redis.kill', atMs: 0, forMs: undefined}],
    [
      '  net.latency( proxy = redis , latency=200ms )at 1m 30s   for 10 s ',
      {
        name: 'net.latency',
        parameters: {proxy: 'redis', latency: '200ms'},
        atMs: 90_000,
        forMs: 10_000,
      },
    ],
    ['redis.kill() at 1.5s', {parameters: {}, atMs: 1500}],
    ['pg.terminate(application=chat node 1) at 1s', {parameters: {application: 'chat node 1'}}],
    ['pg.terminate(application="a,b (\\"c\\")") at 1s', {parameters: {application: 'a,b ("c")'}}],
    ['redis.kill(address=10.0.0.1:5000) at 1s', {parameters: {address: '10.0.0.1:5000'}}],
  ])('reads %j', (text, expected) => expect(parseFault(text)).toMatchObject(expected))

  test('straightens the text, and yields what nobody can change', () => {
    const fault = parseFault(' net.down( proxy = "redis" )  at  90s  for 10s ')
    expect(fault.text).toBe('net.down(proxy=redis) at 1m30s for 10s')
    expect(Object.isFrozen(fault) && Object.isFrozen(fault.parameters)).toBe(true)
  })

  test.each([
    ['', 'expected the name of a fault such as redis.disconnect, but the text ends there'],
    ['redis.disconnect', "expected 'at' and a time, but the text ends there"],
    ['redis.disconnect 20s', "expected 'at' and a time, found '20s'"],
    ['redis.disconnect att 20s', "expected 'at' and a time (did you mean 'at'?), found 'att 20s'"],
    ['redis.disconnect for 5s at 20s', "expected 'at' and a time, found 'for 5s at 20s'"],
    ['redis.disconnect at soon', "expected a time after the start such as 20s, found 'soon'"],
    ['redis.disconnect at 20 for 5s', 'the unit is missing: write 20ms, 20s'],
    ['redis.disconnect at 20sek for 5s', "unknown unit 'sek', did you mean 'sec'?"],
    ['redis.disconnect at -5s', 'it cannot be negative'],
    ['redis.disconnect at 20s fo 5s', "'for' and a duration, or the end (did you mean 'for'?), found 'fo 5s'"],
    ['redis.disconnect at 20s 5s', 'units must run from large to small'],
    ['redis.disconnect at 20s for', 'expected a duration such as 5s, but the text ends there'],
    ['redis.disconnect at 20s for 0s', "expected a positive duration such as 30s, got '0s'"],
    ['redis.disconnect at 20s for 5s for 5s', "expected the end, found 'for 5s'"],
    ['redis.kill(type at 5s', "expected '=' after the parameter 'type', found 'at 5s'"],
    ['redis.kill(type=) at 5s', "expected a value for the parameter 'type', found ') at 5s'"],
    ['redis.kill(type=a at 5s', "expected ',' or ')', but the text ends there"],
    ['redis.kill(type=a,type=b) at 5s', "the parameter 'type' is given twice"],
    ['redis.kill(type="a\\q") at 5s', 'is not a JSON string'],
  ])('refuses %j', (text, why) => {
    expect(() => parseFault(text)).toThrow(UsageError)
    expect(() => parseFault(text)).toThrow(`fault '${text}': `)
    expect(() => parseFault(text)).toThrow(why)
  })

  test('reads back whatever it writes', () => {
    const key = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
    const length = fc.oneof(
      fc.nat(10_000_000),
      fc.nat(10_000_000).map((tenths) => tenths / 10),
    )
    const spec = fc.record({
      name: fc.constantFrom(...FAULT_NAMES),
      parameters: fc.dictionary(key, fc.string({maxLength: 12, unit: 'grapheme'})),
      atMs: length,
      forMs: fc.option(
        length.filter((ms) => ms > 0),
        {nil: undefined},
      ),
    })
    fc.assert(
      fc.property(spec, (fault) => {
        const text = formatFault(fault)
        expect(parseFault(text)).toEqual({...fault, parameters: {...fault.parameters}, text})
      }),
    )
  })
})
