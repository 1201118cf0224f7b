/** All workers of a run: they are hired with a share each, led step by step, and never outlive the run. */
import type {Ms} from '../base/units.js'
import {Measurements} from '../metrics/measurements.js'
import type {Phase} from '../metrics/metric.js'
import {Timeline} from '../metrics/timeline.js'
import {Bystanders} from './bystanders.js'
import {Colleague, type ManyOf, type WorkerDeath} from './colleague.js'
import {generatorFacts, type GeneratorFacts} from './generator.js'
import type {ToWorker} from './messages.js'
import type {Steps} from './worker-kit.js'

/** Between a command to all workers and the moment that it names, so that they begin together. */
export const NOTICE: Ms = 200

export interface Hiring<Part> {
  /** The drill's worker module; it exports `work`. */
  readonly module: URL
  readonly shares: readonly Part[]
  readonly seed: string
  readonly runId: string
  readonly startedAtMs: Ms
  /** Told to every worker, so that their steps return early. */
  readonly signal: AbortSignal
  readonly manyOf: ManyOf
  /** We started the target too, so that whatever else takes a processor is somebody else. */
  readonly ownTarget?: boolean
}

type InputOf<Own extends Steps, Name extends keyof Own> = Parameters<Own[Name]>[0]
type ResultOf<Own extends Steps, Name extends keyof Own> = Awaited<ReturnType<Own[Name]>>

/** Starts one worker for each share and waits until all are ready. Dispose it, whatever happens. */
export async function hire<Part, Own extends Steps>(hiring: Hiring<Part>): Promise<Crew<Own>> {
  const crew = new Crew<Own>(hiring)
  try {
    await crew.prepare(hiring)
    return crew
  } catch (error) {
    await crew[Symbol.asyncDispose]()
    throw error
  }
}

export class Crew<Own extends Steps> implements AsyncDisposable {
  readonly measurements = new Measurements()
  readonly timeline = new Timeline()
  readonly deaths: WorkerDeath[] = []
  /** Resident bytes of each worker before it did anything; of those that lived to tell. */
  readonly emptyRss: number[] = []
  readonly #colleagues: readonly Colleague[]
  readonly #bystanders: Bystanders | undefined
  readonly #signal: AbortSignal
  readonly #abort = () => this.#tellAll({kind: 'abort'})

  constructor({shares, signal, manyOf, ownTarget = false}: Hiring<unknown>) {
    if (ownTarget) this.#bystanders = new Bystanders()
    this.#signal = signal
    this.#colleagues = shares.map(
      (_, index) =>
        new Colleague(index, manyOf, {
          pulse: (worker, pulse) => this.measurements.merge(worker, pulse),
          died: (death) => this.deaths.push(death),
        }),
    )
    signal.addEventListener('abort', this.#abort)
  }

  get size(): number {
    return this.#colleagues.length
  }

  get pids(): number[] {
    return this.#colleagues.flatMap(({pid}) => pid ?? [])
  }

  /** Our own health over the phases of a run that began at `startedAtMs`. */
  health(phases: readonly Phase[], startedAtMs: Ms): GeneratorFacts {
    const others = ({startMs, endMs}: Phase) => this.#bystanders?.share(startedAtMs + startMs, startedAtMs + endMs)
    return generatorFacts({measurements: this.measurements, phases, workers: this.size, others})
  }

  /** The newest second of the run of which every living worker has told all; undefined before the first. */
  get wholeSecond(): number | undefined {
    const ended = this.#colleagues.flatMap(({alive, index}) => (alive ? [this.measurements.endedSecond(index)] : []))
    return ended.length === 0 || ended.includes(undefined) ? undefined : Math.min(...ended.map((second) => second ?? 0))
  }

  async prepare<Part>({module, shares, seed, runId, startedAtMs}: Hiring<Part>): Promise<void> {
    const workers = shares.length
    const rss = await Promise.all(
      this.#colleagues.map((colleague, index) =>
        colleague.prepare({module: module.href, index, workers, seed, runId, startedAtMs, share: shares[index]}),
      ),
    )
    this.emptyRss.push(...rss.filter((bytes) => bytes !== undefined))
    if (this.#signal.aborted) this.#abort()
  }

  /** From `startMs` on what is due belongs to the phase `name`. */
  begin(name: string, startMs: Ms): void {
    this.timeline.begin(name, startMs)
    this.#tellAll({kind: 'phase', name, startMs})
  }

  /** Runs a step on every living worker at once; the results of those that lived through it. Rejects with the first error. */
  async step<Name extends keyof Own & string>(
    name: Name,
    input: InputOf<Own, Name>,
  ): Promise<NonNullable<ResultOf<Own, Name>>[]> {
    const living = this.#colleagues.filter(({alive}) => alive)
    const results = await Promise.all(living.map(async (colleague) => colleague.step(name, input)))
    return results.filter((result) => result !== undefined) as NonNullable<ResultOf<Own, Name>>[]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#bystanders?.[Symbol.dispose]()
    this.#signal.removeEventListener('abort', this.#abort)
    await Promise.all(this.#colleagues.map((colleague) => colleague.dismiss()))
  }

  #tellAll(message: ToWorker): void {
    for (const colleague of this.#colleagues) colleague.tell(message)
  }
}
