/** Whatever is sent in whatever pieces, and whatever toxics come and go meanwhile: the same bytes arrive in the same order. */
import {createHash} from 'node:crypto'
import {setImmediate as turn} from 'node:timers/promises'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import type {ToxicRequest} from '../../../src/lib/faults/proxy/toxic.js'
import {call, eventually, listening, proxied} from './ground.js'

const name = fc.constantFrom('a', 'b', 'c')
const stream = fc.constantFrom('upstream' as const, 'downstream' as const)
const upTo = (max: number) => fc.integer({min: 0, max})

/** Those that drop nothing. */
const gentle: fc.Arbitrary<ToxicRequest> = fc.oneof(
  fc.record({
    type: fc.constant('latency' as const),
    name,
    stream,
    attributes: fc.record({latency: upTo(15), jitter: upTo(10)}),
  }),
  fc.record({
    type: fc.constant('bandwidth' as const),
    name,
    stream,
    attributes: fc.record({rate: fc.integer({min: 2000, max: 100_000})}),
  }),
  fc.record({
    type: fc.constant('slicer' as const),
    name,
    stream,
    attributes: fc.record({
      average_size: fc.integer({min: 500, max: 20_000}),
      size_variation: upTo(400),
      delay: upTo(200),
    }),
  }),
  fc.record({type: fc.constant('slow_close' as const), name, stream, attributes: fc.record({delay: upTo(10)})}),
)
const toxics = fc.uniqueArray(gentle, {maxLength: 3, selector: (toxic) => toxic.name})
/** What is sent between two changes of the toxics; bytes by their number, so that shrinking is quick. */
const step = fc.record({toxics, chunks: fc.array(fc.integer({min: 1, max: 100_000}), {maxLength: 4}), turns: upTo(20)})

/** Bytes that differ from their neighbours, so that any that are lost, doubled or moved show. */
function bytes(length: number, from: number): Buffer {
  const buffer = Buffer.alloc(length + 4)
  for (let at = 0; at < length; at += 4) buffer.writeUInt32LE((from + at) >>> 0, at)
  return buffer.subarray(0, length)
}

const digest = (chunks: readonly Buffer[]) => createHash('sha256').update(Buffer.concat(chunks)).digest('hex')

test('bytes are the same and in order while toxics come, change and go', {timeout: 60_000}, async () => {
  await using server = await listening((socket) => {
    socket.on('data', (chunk) => socket.write(chunk))
    socket.on('end', () => socket.end())
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, {minLength: 1, maxLength: 5}), async (steps) => {
      await using proxy = await proxied(server.port)
      using caller = call(proxy.port)
      const received: Buffer[] = []
      caller.socket.on('data', (chunk: Buffer) => received.push(chunk))
      const sent: Buffer[] = []
      for (const {toxics, chunks, turns} of steps) {
        await proxy.put(...toxics)
        for (const length of chunks) {
          const chunk = bytes(length, sent.length * 1_000_003)
          sent.push(chunk)
          caller.socket.write(chunk)
        }
        for (let n = 0; n < turns; n++) await turn()
      }
      await proxy.put()
      caller.socket.end()
      await eventually(() => expect(caller.state()).toBe('ended'))
      expect(digest(received)).toBe(digest(sent))
    }),
    {numRuns: 40},
  )
})
