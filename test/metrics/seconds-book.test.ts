import {describe, expect, it} from 'vitest'
import {Histogram} from '../../src/lib/metrics/histogram.js'
import {SecondsBook} from '../../src/lib/metrics/seconds-book.js'

function histogramOf(...values: number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

describe('a book of seconds', () => {
  it('is empty while nothing was told', () => {
    expect(new SecondsBook().series()).toEqual({})
  })

  it('adds up what is counted in a second, and has a zero for every other', () => {
    const book = new SecondsBook()
    book.count('sent', 3, 5)
    book.count('sent', 1, 2)
    book.count('sent', 1, 4)
    expect(book.series()).toEqual({sent: {type: 'counter', perSecond: [0, 6, 0, 5]}})
  })

  it('gives every metric a figure for every second of the run', () => {
    const book = new SecondsBook()
    book.count('sent', 0, 1)
    book.gauge('open', '0', 1, 7)
    book.record('latency', 2, histogramOf(5))
    expect(book.series()).toEqual({
      sent: {type: 'counter', perSecond: [1, 0, 0]},
      open: {type: 'gauge', value: [null, 7, null]},
      latency: {
        type: 'distribution',
        count: [0, 0, 1],
        p50: [null, null, 5],
        p99: [null, null, 5],
        max: [null, null, 5],
      },
    })
  })

  it('adds up the gauges of several sources, and takes the last reading of each', () => {
    const book = new SecondsBook()
    book.gauge('open', 'a', 0, 1)
    book.gauge('open', 'a', 0, 2)
    book.gauge('open', 'b', 0, 10)
    book.gauge('open', 'b', 1, 20)
    expect(book.series()['open']).toEqual({type: 'gauge', value: [12, 20]})
  })

  it('merges what several workers recorded in a second', () => {
    const book = new SecondsBook()
    book.record('latency', 0, histogramOf(1, 1))
    book.record('latency', 0, histogramOf(1, 900))
    expect(book.series()['latency']).toMatchObject({count: [4], p50: [1], p99: [900], max: [900]})
  })

  it('takes a pulse that is up to three seconds late for full', () => {
    const book = new SecondsBook()
    book.record('latency', 0, histogramOf(1))
    book.record('latency', 3, histogramOf(1))
    book.record('latency', 0, histogramOf(9, 9, 9))
    expect(book.series()['latency']).toMatchObject({
      count: [4, 0, 0, 1],
      p50: [9, null, null, 1],
      max: [9, null, null, 1],
    })
  })

  it('counts a pulse that is later still, though the percentiles of its second stand', () => {
    const book = new SecondsBook()
    book.record('latency', 0, histogramOf(1))
    book.record('latency', 4, histogramOf(1))
    book.record('latency', 0, histogramOf(9, 9, 9))
    expect(book.series()['latency']).toMatchObject({count: [4, 0, 0, 0, 1], p50: [1, null, null, null, 1]})
    expect(book.series()['latency']).toMatchObject({max: [9, null, null, null, 1]})
  })

  it('goes on after its series was read', () => {
    const book = new SecondsBook()
    book.count('sent', 0, 1)
    book.record('latency', 0, histogramOf(1))
    book.series()
    book.count('sent', 0, 1)
    book.record('latency', 1, histogramOf(2))
    expect(book.series()).toMatchObject({sent: {perSecond: [2, 0]}, latency: {count: [1, 1], p50: [1, 2]}})
  })
})
