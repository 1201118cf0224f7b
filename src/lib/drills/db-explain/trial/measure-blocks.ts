/**
 * Measures all queries without, with, and again without the chosen indexes: A-B-A in three blocks, for a ground that cannot hide and show them
 * at no cost. Nothing is locked while A is measured. What drifts meets the sides unequally, so that the two A are compared as well.
 */
import {shuffle} from '../../../base/random.js'
import type {Ms} from '../../../base/units.js'
import type {RawRows} from '../../../protocols/postgres/session.js'
import {median} from '../../../verdict/median.js'
import {checkAnswer, type Sameness} from './check-answer.js'
import {emptyLogbook, measuredOf, type Logbook, type Measured, type Side} from './measured.js'
import type {MeasureKit, Pairing} from './measure-pairs.js'
import {refusalOf} from './refusal.js'
import {lookOnce, runOnce, type Bench} from './timed-run.js'
import type {TrialGround} from './trial-ground.js'
import {worstOf} from './worst-answer.js'

export interface BlockSettings {
  /** Of each query with the indexes; without them as many, half before and half after. */
  readonly runs: number
  /** Of each binding in each block, not counted. */
  readonly warmups: number
  /** Of a block: locks are held no longer. */
  readonly blockMs: Ms
}

export const BLOCK_SETTINGS: BlockSettings = {runs: 30, warmups: 2, blockMs: 20_000}

export interface MeasuredBlocks {
  readonly measured: readonly Measured[]
  /** Median over the queries of last A / first A: far from 1, something else has changed meanwhile. */
  readonly drift: number | undefined
  /** Why it ended early, if it did. */
  readonly stopped: string | undefined
}

/** In the order of the queries. When `signal` aborts, or the ground is given up, it resolves with what was measured until then. */
export async function measureBlocks(
  ground: TrialGround,
  {queries, chosen}: Pairing,
  settings: BlockSettings,
  kit: MeasureKit,
): Promise<MeasuredBlocks> {
  const logbooks = queries.map(emptyLogbook)
  const blocks = new Blocks({ground, chosen, clock: kit.clock}, settings, kit)
  const half = Math.ceil(settings.runs / 2)
  let [stopped, drift]: [string | undefined, number | undefined] = [undefined, undefined]
  try {
    await blocks.run(logbooks, 'before', half)
    const first = logbooks.map(lengthsOf)
    await blocks.run(logbooks, 'after', settings.runs)
    await blocks.run(logbooks, 'before', settings.runs - half)
    drift = driftOf(logbooks, first)
    await blocks.compareAnswers(logbooks)
  } catch (error) {
    if (ground.session.isOpen) stopped = refusalOf(error)
    else stopped = 'the session was lost'
  }
  if (ground.stopped.aborted) stopped = String(ground.stopped.reason)
  const endOf = (logbook: Logbook) => {
    if (isComplete(logbook, settings)) return 'precise'
    return stopped !== undefined || kit.signal.aborted ? 'interrupted' : 'capped'
  }
  const measured = logbooks.map((logbook) => measuredOf(logbook, 'blocks', endOf(logbook), kit.random))
  return {measured, drift, stopped}
}

class Blocks {
  readonly #bench: Bench
  readonly #settings: BlockSettings
  readonly #kit: MeasureKit
  /** By side, query and binding: what the last warm-up answered. */
  readonly #answers = new Map<string, RawRows | undefined>()

  constructor(bench: Bench, settings: BlockSettings, kit: MeasureKit) {
    this.#bench = bench
    this.#settings = settings
    this.#kit = kit
  }

  async run(logbooks: readonly Logbook[], side: Side, runs: number): Promise<void> {
    const {ground, clock, chosen} = this.#bench
    const due = clock.now() + this.#settings.blockMs
    const isOver = () => this.#isStopped() || clock.now() >= due
    if (this.#isStopped()) return
    await ground.see(side === 'after' ? chosen : [])
    for (const logbook of logbooks) if (!isOver()) await this.#spent(logbook, () => this.#warmUp(logbook, side))
    for (let turn = 0; turn < runs; turn++) {
      for (const logbook of shuffle(logbooks, this.#kit.random)) {
        if (isOver()) break
        await this.#spent(logbook, () => this.#time(logbook, turn % logbook.query.bindings.length, side))
      }
    }
    if (side === 'after') await ground.see([])
  }

  async compareAnswers(logbooks: readonly Logbook[]): Promise<void> {
    const {ground, chosen} = this.#bench
    for (const logbook of logbooks) {
      const {query} = logbook
      const found: Sameness[] = []
      for (const [place, binding] of query.bindings.entries()) {
        if (this.#isStopped()) return
        const [before, after] = [
          this.#answers.get(keyOf(query.name, place, 'before')),
          this.#answers.get(keyOf(query.name, place, 'after')),
        ]
        found.push(await checkAnswer(ground, {query, binding, chosen}, {before, after}))
      }
      logbook.answers = worstOf(...found)
    }
  }

  async #spent(logbook: Logbook, work: () => Promise<void>): Promise<void> {
    const {clock} = this.#bench
    const from = clock.now()
    await work()
    logbook.spentMs += clock.now() - from
  }

  async #warmUp(logbook: Logbook, side: Side): Promise<void> {
    const {ground} = this.#bench
    for (const place of logbook.query.bindings.keys()) {
      await ground.reads(() => lookOnce(this.#bench, logbook, place, side))
      for (let run = 0; run < this.#settings.warmups && !this.#isStopped(); run++) {
        const {rows} = await ground.reads(() => runOnce(this.#bench, logbook, place, side))
        if (!this.#isStopped()) this.#answers.set(keyOf(logbook.query.name, place, side), rows)
      }
    }
  }

  /** What ran while the ground was given up may have run without the indexes. */
  async #time(logbook: Logbook, place: number, side: Side): Promise<void> {
    const {ms} = await this.#bench.ground.reads(() => runOnce(this.#bench, logbook, place, side))
    if (ms !== undefined && !this.#isStopped()) logbook.times[place]?.[side].push(ms)
  }

  #isStopped(): boolean {
    return this.#kit.signal.aborted || this.#bench.ground.stopped.aborted
  }
}

function keyOf(query: string, place: number, side: Side): string {
  return `${side} ${place} ${query}`
}

function lengthsOf({times}: Logbook): readonly number[] {
  return times.map(({before}) => before.length)
}

function driftOf(logbooks: readonly Logbook[], first: readonly (readonly number[])[]): number | undefined {
  const drifts = logbooks.flatMap(({times}, index) =>
    times.map(({before}, place) => {
      const cut = first[index]?.[place] ?? 0
      return median(before.slice(cut)) / median(before.slice(0, cut))
    }),
  )
  const known = drifts.filter((drift) => Number.isFinite(drift))
  return known.length === 0 ? undefined : median(known)
}

function isComplete({times}: Logbook, {runs}: BlockSettings): boolean {
  return times.reduce((sum, {before, after}) => sum + before.length + after.length, 0) >= 2 * runs
}
