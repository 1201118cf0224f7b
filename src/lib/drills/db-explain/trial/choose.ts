/**
 * Chooses among candidates for the whole workload: the best saving per byte first, until nothing more is saved; then whatever no plan uses any
 * more is taken out. The planner's costs only choose; what is gained is measured later.
 *
 * The idea is Extend's: Schlosser, Kossmann, Boissier, "Efficient Scalable Multi-Attribute Index Selection Using Recursive Strategies", ICDE
 * 2019. Candidates that append a column stand beside the shorter ones here, so that taking the longer and pruning the shorter is the step that
 * Extend takes. A candidate's saving is asked for again only when it would be the best by what was found earlier (Minoux' accelerated greedy).
 */
import type {Share} from '../../../base/units.js'
import type {Candidate, Rejected} from '../advice/index-design.js'
import type {BoundQuery} from '../query.js'
import {benefitsOf, type Benefits, type Weighing} from './benefit.js'
import type {Built, NotBuilt, TrialGround} from './trial-ground.js'
import {trialsAlone, trialsTogether, type Trial, type Trials} from './trials.js'
import type {Costs} from './workload-costs.js'

/** What saves less of the workload is not worth its writes; A3.6 of the notes. */
const LEAST_SAVED: Share = 0.003
/** A slow query that loses so much of its cost is worth an index, also where others take nearly all of the time. */
const LEAST_OF_SLOW: Share = 0.3
/** Every index costs its maintenance, so that the smallest ones are not almost free. */
const SMALLEST = 1024 * 1024

export interface Choosing extends Weighing {
  readonly queries: readonly BoundQuery[]
  readonly candidates: readonly Candidate[]
  readonly signal: AbortSignal
}

export interface Chosen {
  readonly candidate: Candidate
  readonly built: Built
  /** Names of the queries of which a plan reads it when all that were chosen are seen. */
  readonly serves: readonly string[]
  /** Part of the workload's cost that is lost again when it alone is taken away. */
  readonly saves: Share
}

export interface Choice {
  readonly chosen: readonly Chosen[]
  /** Candidates marked so that a plan uses where they stand alone, for comparison. */
  readonly alternatives: readonly Chosen[]
  readonly rejected: readonly Rejected[]
  readonly notTried: readonly (NotBuilt & {readonly serves: readonly string[]})[]
  /** The planner's costs without and with the chosen ones. */
  readonly before: Costs
  readonly after: Costs
}

/** On return the ground shows nothing, and holds only what was chosen and the alternatives. */
export async function choose(ground: TrialGround, choosing: Choosing): Promise<Choice> {
  const make = ground.kind === 'rolled-back' ? trialsAlone : trialsTogether
  const trials = await make(ground, choosing)
  const benefits = benefitsOf(choosing.queries, trials.before, choosing)
  const [rivals, others] = split(trials.all)
  const picked = await greedy(rivals, trials, benefits)
  const {kept, after} = await prune(picked, trials, benefits)
  const alternatives = await alternativesOf(others, trials, benefits)
  const chosen = await tellAll(kept, {trials, benefits, after})
  const left = trials.all.filter(({built}) => ![...chosen, ...alternatives].some((taken) => taken.built === built))
  const rejected = await rejectAll(left, {trials, benefits, after})
  await ground.see([])
  for (const {built} of left) await ground.drop(built)
  return {chosen, alternatives, rejected, notTried: trials.notTried, before: trials.before, after}
}

function split(trials: readonly Trial[]): [Trial[], Trial[]] {
  return [
    trials.filter(({candidate}) => candidate.alternative !== true),
    trials.filter(({candidate}) => candidate.alternative === true),
  ]
}

interface Standing {
  readonly trial: Trial
  /** At most so good, by what was found with fewer others. */
  score: number
  /** With how many others it was found. */
  asOf: number
}

async function greedy(rivals: readonly Trial[], trials: Trials, benefits: Benefits): Promise<Trial[]> {
  const taken: Trial[] = []
  let now = trials.before
  const queue: Standing[] = rivals.map((trial) => ({trial, score: Infinity, asOf: -1}))
  for (;;) {
    queue.sort((left, right) => right.score - left.score)
    const [best] = queue
    if (best === undefined || best.score <= 0) return taken
    const then = await trials.costs([...taken, best.trial])
    if (best.asOf === taken.length) {
      queue.shift()
      taken.push(best.trial)
      now = then
    } else {
      best.score = scoreOf(best.trial, benefits, [now, then])
      best.asOf = taken.length
    }
  }
}

/** Saving per byte; 0 where it is not worth it. */
function scoreOf({built}: Trial, benefits: Benefits, [now, then]: readonly [Costs, Costs]): number {
  const saved = benefits.saved(now, then)
  const worth = saved >= LEAST_SAVED || (saved > 0 && benefits.helped(now, then, LEAST_OF_SLOW).length > 0)
  return worth ? saved / Math.max(built.bytes, SMALLEST) : 0
}

/** The one that would be missed least goes first, as long as nobody misses it. */
async function prune(
  picked: readonly Trial[],
  trials: Trials,
  benefits: Benefits,
): Promise<{kept: Trial[]; after: Costs}> {
  let kept = [...picked]
  let after = await trials.costs(kept)
  // Largest first: of two that serve the same, the smaller one stays.
  for (const trial of [...picked].sort((left, right) => right.built.bytes - left.built.bytes)) {
    const without = kept.filter((other) => other !== trial)
    const then = await trials.costs(without)
    const lost = benefits.saved(then, after)
    if (lost >= LEAST_SAVED || benefits.helped(then, after, LEAST_OF_SLOW).length > 0) continue
    kept = without
    after = then
  }
  return {kept, after}
}

interface Outcome {
  readonly trials: Trials
  readonly benefits: Benefits
  readonly after: Costs
}

async function tellAll(kept: readonly Trial[], {trials, benefits, after}: Outcome): Promise<Chosen[]> {
  const told: Chosen[] = []
  for (const trial of kept) {
    const without = await trials.costs(kept.filter((other) => other !== trial))
    told.push({...trial, serves: trials.readersOf(trial, after), saves: benefits.saved(without, after)})
  }
  return told
}

async function alternativesOf(others: readonly Trial[], trials: Trials, benefits: Benefits): Promise<Chosen[]> {
  const told: Chosen[] = []
  for (const trial of others) {
    const alone = await trials.costs([trial])
    const serves = trials.readersOf(trial, alone)
    if (serves.length > 0) told.push({...trial, serves, saves: benefits.saved(trials.before, alone)})
  }
  return told
}

async function rejectAll(left: readonly Trial[], {trials, benefits}: Outcome): Promise<Rejected[]> {
  const rejected: Rejected[] = []
  for (const trial of left) {
    const {design, serves} = trial.candidate
    const alone = await trials.costs([trial])
    const reason = reasonOf(trials.readersOf(trial, alone).length, benefits.saved(trials.before, alone))
    rejected.push({design, serves, reason})
  }
  return rejected
}

function reasonOf(readers: number, saved: Share): string {
  if (readers === 0) return 'no plan uses it'
  if (saved < LEAST_SAVED) return `saves ${(100 * Math.max(0, saved)).toFixed(1)} % of the workload`
  return 'saves nothing beside those that were chosen'
}
