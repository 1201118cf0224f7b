/** Which resource moved with the latency: found where one did, and how often it is named where none did. */
import {describe, expect, test} from 'vitest'
import {seededRandom, type Random} from '../../src/lib/base/random.js'
import {movedWith, type EverySecond, type ResourceSeries} from '../../src/lib/verdict/moved-with.js'

const upTo = (length: number) => Array.from({length}, (_, index) => index)
const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
const cpu = (values: EverySecond, of = 'node-1'): ResourceSeries => ({of, resource: 'cpu', unit: 'share', values})
const count = (values: EverySecond): ResourceSeries => ({of: 'mq', resource: 'queue_depth', unit: 'count', values})

/** 60 s in which load climbs: latency doubles every 10 s, with noise. */
const random = seededRandom('climb')
const climb = upTo(60)
const latency = climb.map((second) => 5 * 2 ** (second / 10) * (1 + 0.1 * normal(random)))
const rising = climb.map((second) => 0.21 + (0.77 * second) / 59 + 0.02 * normal(random))

describe('what moved is named', () => {
  test('with a sentence, its figures and the strongest first', () => {
    const weaker = climb.map((second) => 0.2 + (0.5 * second) / 59 + 0.15 * normal(random))
    const found = movedWith(latency, [cpu(weaker, 'node-2'), cpu(rising)])
    expect(found.map(({of}) => of)).toEqual(['node-1', 'node-2'])
    expect(found[0]).toMatchObject({resource: 'cpu', unit: 'share', lagSeconds: 0, samples: 60})
    expect(found[0]?.rho).toBeGreaterThan(0.95)
    expect(found[0]?.sentence).toMatch(/^cpu of node-1 rose from (2|3)\d % to (8|9)\d % with the latency$/)
  })

  test('what was used up comes before what only follows the load', () => {
    const followers = climb.map((second) => 100 * 2 ** (second / 10))
    const full = climb.map((second) => Math.min(1, 0.1 + second / 35 + 0.05 * normal(random)))
    const found = movedWith(latency, [count(followers), cpu(full)])
    expect(found.map(({resource, isUsedUp}) => ({resource, isUsedUp}))).toEqual([
      {resource: 'cpu', isUsedUp: true},
      {resource: 'queue_depth', isUsedUp: false},
    ])
    expect(Math.abs(found[0]?.rho ?? 1)).toBeLessThan(found[1]?.rho ?? 0)
  })

  test('what fell while the latency rose, too', () => {
    const hits = climb.map((second) => 0.99 - (0.5 * second) / 59 + 0.01 * normal(random))
    const [found] = movedWith(latency, [{of: 'pg', resource: 'cache_hit', unit: 'share', values: hits}])
    expect(found?.rho).toBeLessThan(-0.9)
    expect(found?.sentence).toMatch(/^cache hit of pg fell from/)
  })

  test.each([-2, -1, 1, 2])('also %i s apart', (lag) => {
    const wave = (second: number) => Math.sin((second * 2 * Math.PI) / 13)
    const found = movedWith(
      climb.map((second) => 20 + 15 * wave(second - lag) + normal(random)),
      [cpu(climb.map((second) => 0.5 + 0.3 * wave(second) + 0.02 * normal(random)))],
    )
    expect(found).toMatchObject([{lagSeconds: lag}])
  })

  test('through a fault that comes and goes', () => {
    const down = (second: number) => (second >= 20 && second < 40 ? 1 : 0)
    const found = movedWith(
      climb.map((second) => 5 + 200 * down(second) + normal(random)),
      [count(climb.map((second) => 10 + 5000 * down(second) + 3 * normal(random)))],
    )
    expect(found).toMatchObject([{resource: 'queue_depth'}])
  })

  test('with seconds missing on either side', () => {
    const holes = <Value>(values: readonly Value[], every: number) =>
      values.map((value, second) => (second % every === 0 ? null : value))
    expect(movedWith(holes(latency, 7), [cpu(holes(rising, 5))])).toHaveLength(1)
  })

  test('a share that was used up counts with less than a fifth of a move', () => {
    const full = climb.map((second) => 0.88 + (0.11 * second) / 59)
    expect(movedWith(latency, [cpu(full)])).toHaveLength(1)
    expect(movedWith(latency, [cpu(full.map((value) => value - 0.3))])).toEqual([])
  })
})

describe('what did not move is not named', () => {
  test.each<[string, EverySecond]>([
    ['constant', climb.map(() => 0.98)],
    ['never measured', climb.map(() => null)],
    ['measured for 9 seconds only', rising.map((value, second) => (second < 9 ? value : null))],
    ['moved by a point or two', rising.map((value) => 0.01 + value / 50)],
    ['moved by less than a fifth', rising.map((value) => 0.5 + value / 12)],
  ])('%s', (_, values) => expect(movedWith(latency, [cpu(values)])).toEqual([]))

  test('when the latency itself hardly moved', () =>
    expect(
      movedWith(
        latency.map((ms) => 10 + ms / 1e6),
        [cpu(rising)],
      ),
    ).toEqual([]))

  test('without resources or latency', () => {
    expect(movedWith(latency, [])).toEqual([])
    expect(movedWith([], [cpu(rising)])).toEqual([])
  })
})

/** In what share of 500 runs of a minute anything at all is named, of 10 resources that have nothing to do with the latency. */
function falseAlarms(seed: string, noise: (random: Random) => number[]): number {
  const random = seededRandom(seed)
  const positive = () => noise(random).map((value) => Math.exp(value))
  let alarms = 0
  for (let trial = 0; trial < 500; trial++) {
    const resources = upTo(10).map((index) => ({...count(positive()), of: String(index)}))
    if (movedWith(positive(), resources).length > 0) alarms++
  }
  return alarms / 500
}

/** Keeps its spread, and of each second's error a part into the next. */
function wandering(kept: number) {
  return (random: Random) => {
    let at = normal(random)
    return upTo(60).map(() => (at = kept * at + Math.sqrt(1 - kept ** 2) * normal(random)))
  }
}

describe('false alarms among 10 unrelated resources in a minute are at most', () => {
  test.each([
    ['5 % of runs of white noise', 0, 0.05],
    ['5 % of runs of noise that keeps half of its last second', 0.5, 0.05],
    ['10 % of runs of noise that keeps 80 % of its last second', 0.8, 0.1],
  ])('%s', (_, kept, atMost) => {
    expect(falseAlarms(`alarm ${kept}`, wandering(kept))).toBeLessThanOrEqual(atMost)
  })
})
