/** Watches our own process while it measures, and which phase the run is in. */
import type {Clock} from '../../base/clock.js'
import {SECOND, type Ms} from '../../base/units.js'
import {generatorFacts, type GeneratorFacts} from '../../load/generator.js'
import {watchOwnHealth} from '../../load/health.js'
import {Measurements} from '../../metrics/measurements.js'
import type {Phase} from '../../metrics/metric.js'
import type {Series} from '../../metrics/series.js'
import {Tally} from '../../metrics/tally.js'
import {Timeline} from '../../metrics/timeline.js'
import type {Random} from '../../base/random.js'
import {OWN_SIGNS} from './doubts.js'

export interface OwnFacts {
  readonly startedAtMs: Ms
  readonly phases: readonly Phase[]
  readonly series: Series
  readonly generator: GeneratorFacts
}

/** The whole drill runs in one process, which is told of as one worker. */
export class OwnHealth implements Disposable {
  readonly startedAtMs: Ms
  readonly #clock: Clock
  readonly #tally = new Tally()
  readonly #timeline = new Timeline()
  readonly #measurements = new Measurements()
  readonly #health
  readonly #pulse: NodeJS.Timeout

  constructor({clock, random, signal, runId}: {clock: Clock; random: Random; signal: AbortSignal; runId: string}) {
    this.#clock = clock
    this.startedAtMs = clock.now()
    this.#health = watchOwnHealth({
      ...{index: 0, workers: 1, runId, startedAtMs: this.startedAtMs},
      ...{clock, random, signal, tally: this.#tally, timeline: this.#timeline},
    })
    this.#pulse = setInterval(() => this.#take(), SECOND)
  }

  begin(phase: string): void {
    this.#timeline.begin(phase, this.#clock.now())
  }

  facts(): OwnFacts {
    this.#take()
    const measurements = this.#measurements
    const phases = this.#timeline.phases(this.startedAtMs, this.#clock.now())
    const generator = generatorFacts({measurements, phases, workers: 1, signs: OWN_SIGNS})
    return {startedAtMs: this.startedAtMs, phases, generator, series: measurements.series()}
  }

  [Symbol.dispose](): void {
    clearInterval(this.#pulse)
    this.#health.stop()
  }

  #take(): void {
    this.#health.sample()
    const second = Math.max(0, Math.floor((this.#clock.now() - this.startedAtMs) / SECOND) - 1)
    this.#measurements.merge(0, {second, ends: true, entries: this.#tally.take()})
  }
}
