/** What a drill's counts were tried on, by phase or for the run. */
import {expect, test} from 'vitest'
import {count, time} from '../../src/lib/metrics/define.js'
import {Measurements} from '../../src/lib/metrics/measurements.js'
import {countsByTag, metricOf, type Reading} from '../../src/lib/metrics/reading.js'
import {Tally} from '../../src/lib/metrics/tally.js'

const CATALOGUE = {
  sent: count('messages sent'),
  lost: count('messages lost', {exposedTo: 'messages', tags: ['reason']}),
  cut: count('users cut off', {exposedTo: 'messages'}),
  latency: time('until each receiver had it'),
  start_delay: time('how much later than due we sent'),
}

const READING: Reading<keyof typeof CATALOGUE> = {
  catalogue: CATALOGUE,
  exposure: {lost: ['sent'], cut: ['sent', 'lost']},
  ofTheRun: new Set(['cut']),
  perReceiver: {distributions: ['latency'], messages: 'sent'},
}

/** Ten messages in the ramp, forty in steady of which three got lost, to five receivers each. */
function measured() {
  const tally = new Tally()
  tally.counter('sent').add('ramp', 10)
  tally.counter('sent').add('steady', 40)
  tally.counter('lost', {reason: 'a'}).add('steady', 2)
  tally.counter('lost', {reason: 'b'}).add('steady', 1)
  tally.counter('lost', {reason: 'a'}).add('ramp', 4)
  for (let n = 0; n < 200; n++) tally.distribution('latency').record('steady', 5)
  for (let n = 0; n < 40; n++) tally.distribution('start_delay').record('steady', 1)
  const measurements = new Measurements()
  measurements.merge(0, {second: 0, entries: tally.take()})
  const phases = ['ramp', 'steady', 'drain'].map((name) => ({name, startMs: 0, endMs: 1}))
  return {measurements, phases}
}

function exposures(name: keyof typeof CATALOGUE): [string, number | undefined][] {
  const metric = metricOf(name, READING, measured())
  if (metric.type !== 'counter') throw new Error(`${name} is no count`)
  return metric.slices.filter(({exposure}) => exposure !== undefined).map(({phase, exposure}) => [phase, exposure])
}

test('a count tells for each phase what it was tried on, also where nothing was counted', () => {
  expect(exposures('lost')).toEqual([
    ['ramp', 10],
    ['steady', 40],
    ['drain', 0],
  ])
})

test('a count of the run tells it once', () => {
  expect(exposures('cut')).toEqual([['', 57]])
})

test('a count that was tried on nothing countable is told as it is', () => {
  expect(exposures('sent')).toEqual([])
})

test('receivers of one message are no samples of their own', () => {
  expect(metricOf('latency', READING, measured())).toMatchObject({slices: [{phase: 'steady', independent: 40}]})
  expect(metricOf('start_delay', READING, measured())).toMatchObject({slices: [{phase: 'steady', independent: 40}]})
})

test('counts are summed up by the value of a tag', () => {
  expect(countsByTag(measured().measurements, 'lost', 'reason')).toEqual({a: 6, b: 1})
})
