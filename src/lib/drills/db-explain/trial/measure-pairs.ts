/**
 * Measures all queries without and with the chosen indexes, in pairs that stand close together in time:
 *
 *   A A B B B B A A | B B A A A A B B | …      A: hidden, B: shown; four pairs a block, at random which side opens it
 *
 * so that whatever drifts meets both sides alike. A round is one block of each query, in random order; bindings take turns. A query is done
 * when its interval is narrow enough, or when all time is spent; one that has had its share of it waits until the others are done.
 */
import {DatabaseError} from 'pg'
import {shuffle, type Random} from '../../../base/random.js'
import type {Clock} from '../../../base/clock.js'
import type {Ms, Share} from '../../../base/units.js'
import {median} from '../../../verdict/median.js'
import {pairedRatio} from '../../../verdict/time-ratio.js'
import type {BoundQuery} from '../query.js'
import {checkAnswer} from './check-answer.js'
import {emptyLogbook, hasSamePlan, measuredOf, type Logbook, type Measured, type Side} from './measured.js'
import {lookOnce, runOnce, type Bench, type Run} from './timed-run.js'
import type {Built, TrialGround} from './trial-ground.js'
import {worstOf} from './worst-answer.js'

export interface PairSettings {
  /** Not fewer, unless time runs out. */
  readonly minPairs: number
  /** 0.1: until the interval of the ratio reaches from 10 % below to 10 % above it, or that of the saved share from 1 point below to 1 above. */
  readonly untilHalfWidth: Share
  /** Of all queries together. */
  readonly capMs: Ms
  /** Runs of each side that do not count, spread over the bindings, at least one each. */
  readonly warmups: number
}

export interface MeasureKit {
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
}

export interface Pairing {
  readonly queries: readonly BoundQuery[]
  readonly chosen: readonly Built[]
}

/** Where both sides are planned alike, little can differ; the times are wanted for the workload only, as narrow as they weigh in it. */
const PAIRS_OF_SAME_PLAN = 6
/** Half the width, in logarithms, of the interval of a few runs. */
const UNKNOWN = 1
/** Where nearly all of the time is saved, 10 % of the little that is left is finer than anybody asks: ±1 point of the saved share will do. */
const POINTS = 0.1
/** Of the interval while it is measured: rough, but quick. */
const ROUGH = 300
/** A run that takes longer warms its own caches: no run before it is needed that does not count. */
const QUICK: Ms = 20
const MOST_FAILURES = 4
/** Runs of the opening side before and after the other one's. */
const HALF = 2

/** In the order of the queries. When `signal` aborts, or the session is lost, it resolves with what was measured until then. */
export async function measurePairs(
  ground: TrialGround,
  {queries, chosen}: Pairing,
  settings: PairSettings,
  kit: MeasureKit,
): Promise<readonly Measured[]> {
  const subjects = queries.map((query) => ({logbook: emptyLogbook(query), turn: 0, roughly: undefined}))
  const pairs = new Pairs({ground, chosen, clock: kit.clock}, subjects, settings, kit)
  try {
    await pairs.measure()
  } catch (error) {
    // Of a server that is gone no more will come, but what came before is worth telling.
    if (error instanceof DatabaseError || ground.session.isOpen) throw error
  }
  return subjects.map((subject) => measuredOf(subject.logbook, 'pairs', pairs.endOf(subject), kit.random))
}

interface Subject {
  readonly logbook: Logbook
  /** Blocks that were run. */
  turn: number
  /** Half the width of its interval, in logarithms, or ten times what it is of the saved share. */
  roughly: number | undefined
}

class Pairs {
  readonly #bench: Bench
  readonly #settings: PairSettings
  readonly #kit: MeasureKit
  readonly #due: Ms
  readonly #subjects: readonly Subject[]

  constructor(bench: Bench, subjects: readonly Subject[], settings: PairSettings, kit: MeasureKit) {
    this.#bench = bench
    this.#subjects = subjects
    this.#settings = settings
    this.#kit = kit
    this.#due = kit.clock.now() + settings.capMs
  }

  async measure(): Promise<void> {
    const subjects = this.#subjects
    for (const subject of subjects) if (!this.#isOver()) await this.#timed(subject, () => this.#warmUp(subject.logbook))
    const share = this.#settings.capMs / subjects.length
    for (;;) {
      const open = subjects.filter((subject) => !this.#isDone(subject))
      const within = open.filter(({logbook}) => logbook.spentMs < share)
      const round = within.length > 0 ? within : open
      if (round.length === 0 || this.#isOver()) break
      for (const subject of shuffle(round, this.#kit.random)) {
        if (!this.#isOver()) await this.#timed(subject, () => this.#block(subject))
      }
    }
    await this.#bench.ground.see([])
  }

  endOf(subject: Subject): Measured['ended'] {
    if (isFailing(subject)) return 'failing'
    if (this.#isDone(subject)) return 'precise'
    return this.#kit.signal.aborted || !this.#bench.ground.session.isOpen ? 'interrupted' : 'capped'
  }

  async #timed(subject: Subject, work: () => Promise<void>): Promise<void> {
    const from = this.#kit.clock.now()
    await work()
    subject.logbook.spentMs += this.#kit.clock.now() - from
  }

  #isOver(): boolean {
    return this.#kit.signal.aborted || !this.#bench.ground.session.isOpen || this.#kit.clock.now() >= this.#due
  }

  #isDone(subject: Subject): boolean {
    const {logbook, roughly} = subject
    if (isFailing(subject)) return true
    const {minPairs, untilHalfWidth} = this.#settings
    const [pairs, narrow] = [pairsOf(logbook), Math.log1p(untilHalfWidth)]
    if (!hasSamePlan(logbook)) return pairs >= minPairs && (roughly ?? Infinity) <= narrow
    return pairs >= Math.min(PAIRS_OF_SAME_PLAN, minPairs) && (roughly ?? UNKNOWN) * this.#weightOf(subject) <= narrow
  }

  /** Its part of the time that the whole workload takes. */
  #weightOf(subject: Subject): Share {
    return timeOf(subject) / this.#subjects.reduce((sum, one) => sum + timeOf(one), 0)
  }

  /** Every binding at least once on both sides, and their answers compared. */
  async #warmUp(logbook: Logbook): Promise<void> {
    const {bindings} = logbook.query
    const times = Math.max(1, Math.ceil(this.#settings.warmups / bindings.length))
    for (const [place, binding] of bindings.entries()) {
      const before = await this.#warm(logbook, [place, 'before'], times)
      const after = await this.#warm(logbook, [place, 'after'], times)
      const asked = {query: logbook.query, binding, chosen: this.#bench.chosen}
      const found = await checkAnswer(this.#bench.ground, asked, {before: before.rows, after: after.rows})
      logbook.answers = place === 0 ? found : worstOf(logbook.answers, found)
      if (this.#isOver()) return
    }
  }

  /** Answers the last run. */
  async #warm(logbook: Logbook, [place, side]: readonly [number, Side], times: number): Promise<Run> {
    await this.#turnTo(side)
    await lookOnce(this.#bench, logbook, place, side)
    let last: Run = {ms: undefined, rows: undefined}
    for (let run = 0; run < times && !this.#kit.signal.aborted; run++)
      last = await runOnce(this.#bench, logbook, place, side)
    return last
  }

  async #block(subject: Subject): Promise<void> {
    const {logbook} = subject
    const place = subject.turn++ % logbook.query.bindings.length
    const [first, second]: readonly [Side, Side] =
      this.#kit.random.below(2) === 0 ? ['before', 'after'] : ['after', 'before']
    const opening = await this.#side(logbook, [place, first], HALF)
    const middle = await this.#side(logbook, [place, second], 2 * HALF)
    const closing = await this.#side(logbook, [place, first], HALF)
    const pairs = [...opening, ...closing].map((ms, pair) => ({[first]: ms, [second]: middle[pair]}))
    for (const pair of pairs) keep(logbook, place, pair)
    subject.roughly = this.#roughly(logbook)
  }

  async #side(logbook: Logbook, [place, side]: readonly [number, Side], times: number): Promise<(Ms | undefined)[]> {
    await this.#turnTo(side)
    await lookOnce(this.#bench, logbook, place, side)
    if (!((logbook.times[place]?.[side].at(-1) ?? 0) > QUICK)) await runOnce(this.#bench, logbook, place, side)
    const taken: (Ms | undefined)[] = []
    for (let run = 0; run < times; run++) {
      // An interrupted pair is none.
      if (this.#isOver()) return taken
      taken.push((await runOnce(this.#bench, logbook, place, side)).ms)
    }
    return taken
  }

  #turnTo(side: Side): Promise<void> {
    return this.#bench.ground.see(side === 'after' ? this.#bench.chosen : [])
  }

  #roughly({times}: Logbook): number | undefined {
    const ratio = pairedRatio(times, this.#kit.random, ROUGH)
    if (ratio === undefined) return undefined
    const [low, high] = ratio.interval
    return Math.min(Math.log(high / low), (high - low) / POINTS) / 2
  }
}

function keep({times}: Logbook, place: number, pair: Partial<Record<Side, Ms | undefined>>): void {
  if (pair.before === undefined || pair.after === undefined) return
  times[place]?.before.push(pair.before)
  times[place]?.after.push(pair.after)
}

function pairsOf({times}: Logbook): number {
  return times.reduce((sum, {after}) => sum + after.length, 0)
}

/** What all calls take together, without the new indexes. */
function timeOf({logbook: {query, times}}: Subject): Ms {
  const all = times.flatMap(({before}) => before)
  return all.length === 0 ? 0 : query.calls * median(all)
}

/** Timeouts are times; what fails otherwise, and never succeeds, is not asked again. */
function isFailing({logbook, turn}: Subject): boolean {
  const failed = [...logbook.failures.values()].reduce((sum, count) => sum + count, 0)
  return turn > 1 && failed >= MOST_FAILURES && pairsOf(logbook) === 0
}
