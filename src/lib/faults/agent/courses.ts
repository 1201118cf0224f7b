/** All faults of a run, inside the agent: prepared together, each in its time, put back together. */
import {setMaxListeners} from 'node:events'
import type {Clock} from '../../base/clock.js'
import {redact} from '../../base/redact.js'
import {seededRandom} from '../../base/random.js'
import type {Ms} from '../../base/units.js'
import type {FaultGround, FaultPreview, FaultRecord, PlannedFault} from '../fault.js'
import type {MakeInjector} from '../injector.js'
import type {JournalRecord} from '../journal/records.js'
import {Course} from './course.js'

export interface CoursesOptions {
  readonly faults: readonly PlannedFault[]
  readonly ground: FaultGround
  readonly runId: string
  readonly seed: string
  readonly clock: Clock
  readonly makers: Readonly<Record<string, MakeInjector>>
  /** With `sync` it returns when the disk has it. */
  write(record: JournalRecord, options?: {readonly sync: boolean}): void
  changed(index: number, record: FaultRecord): void
}

export class Courses {
  readonly #courses: readonly Course[]
  readonly #stop = new AbortController()
  #running: Promise<unknown> | undefined

  /** Opens nothing yet. */
  constructor(readonly options: CoursesOptions) {
    this.#courses = options.faults.map((fault, index) => this.#courseOf(fault, index))
    setMaxListeners(0, this.#stop.signal)
  }

  /** Prepares every injector; throws the first complaint once all have come to an end. */
  async prepare(): Promise<FaultPreview[]> {
    const prepared = await Promise.allSettled(this.#courses.map(({injector}) => injector.prepare()))
    const failed = prepared.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
    return prepared.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  /** Each fault comes at its own time from `startAtMs`; once. */
  start(startAtMs: Ms): void {
    this.#running ??= Promise.all(this.#courses.map((course) => course.run(startAtMs, this.#stop.signal)))
  }

  /** Puts back what is active, tries again what could not be, and injects nothing more. Yields whether nothing is left. */
  async revertAll(): Promise<boolean> {
    this.#stop.abort()
    for (const course of this.#courses) if (this.#running === undefined) course.skip()
    await this.#running
    await Promise.all(this.#courses.map((course) => course.revert()))
    return this.#courses.every(({record}) => record.outcome !== 'not reverted')
  }

  /** Lets go of every connection. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#courses.map(({injector}) => injector.close()))
  }

  #courseOf(fault: PlannedFault, index: number): Course {
    const {makers, clock, ground, runId, seed} = this.options
    const make = makers[fault.name]
    if (!make) throw new Error(`nobody knows how to inject ${fault.name}`)
    const random = seededRandom(seed).fork(`fault ${index}`)
    const injector = make(fault, {clock, random, ground, mark: `proofload:${runId}`})
    const at = () => clock.date().toISOString()
    return new Course(fault, injector, {
      clock,
      injecting: (undoing) => {
        const record = {kind: 'injecting', at: at(), fault: index} as const
        this.options.write(undoing === undefined ? record : {...record, undoing}, {sync: undoing !== undefined})
      },
      injected: () => this.#note({kind: 'injected', at: at(), fault: index}),
      changed: (record) => {
        if (record.outcome === 'reverted') this.#note({kind: 'reverted', at: at(), fault: index})
        else if (record.trouble !== undefined)
          this.#note({kind: 'failed', at: at(), fault: index, why: redact(record.trouble)})
        this.options.changed(index, record)
      },
    })
  }

  /** A disk that is full must not keep anything from being put back. */
  #note(record: JournalRecord): void {
    try {
      this.options.write(record)
    } catch {
      // What matters stands in the journal already.
    }
  }
}
