/** What can be asked of measurements while the run goes on. */
import {expect, it} from 'vitest'
import {Measurements} from '../../src/lib/metrics/measurements.js'
import {Tally} from '../../src/lib/metrics/tally.js'

function told(measurements: Measurements, worker: number, second: number, sent: number, ends = true): void {
  const tally = new Tally()
  tally.counter('sent').add('steady', sent)
  tally.distribution('latency').record('steady', sent)
  tally.gauge('open').set('steady', sent)
  measurements.merge(worker, {second, ends, entries: tally.take()})
}

it('one second has what all workers told of it, and nothing else', () => {
  const measurements = new Measurements()
  told(measurements, 0, 4, 1)
  told(measurements, 0, 5, 10, false)
  told(measurements, 1, 5, 20)
  told(measurements, 0, 5, 5)
  const second = measurements.second(5)
  expect(second.total('sent')).toBe(35)
  expect(second.distribution('latency').max).toBe(20)
  expect(second.gaugeSlices('open').map(({value}) => value)).toEqual([5, 20])
  expect(measurements.second(6).total('sent')).toBe(0)
  expect(measurements.total('sent')).toBe(36)
})

it('seconds that are long past are forgotten', () => {
  const measurements = new Measurements()
  for (let second = 0; second < 30; second++) told(measurements, 0, second, 1)
  expect(measurements.second(20).total('sent')).toBe(1)
  expect(measurements.second(19).total('sent')).toBe(0)
  expect(measurements.total('sent')).toBe(30)
})

it('a second has ended for a worker that says so, and stays so', () => {
  const measurements = new Measurements()
  expect(measurements.endedSecond(0)).toBeUndefined()
  told(measurements, 0, 4, 1, false)
  expect(measurements.endedSecond(0)).toBeUndefined()
  told(measurements, 0, 4, 1)
  told(measurements, 0, 3, 1)
  expect(measurements.endedSecond(0)).toBe(4)
  expect(measurements.endedSecond(1)).toBeUndefined()
})
