/** Tries the candidates on a ground, lets the planner choose, measures what that brings, and charges what it costs. */
import type {Kit} from '../drill.js'
import {tableOf} from './advice/ddl.js'
import {mergeCandidates} from './advice/merge-candidates.js'
import type {Look, Proof, QueryAdvice} from './facts.js'
import {explain, explainOrPlan, type ExplainOptions} from './plans/explain.js'
import type {Plan} from './plans/plan-node.js'
import type {DbExplainPlan} from './plan.js'
import type {BoundQuery} from './query.js'
import {slowestOf} from './slowest.js'
import {limited} from './statement-limit.js'
import {chargeWrites, type WriteCharge} from './trial/charge-writes.js'
import {choose} from './trial/choose.js'
import {BLOCK_SETTINGS, measureBlocks} from './trial/measure-blocks.js'
import {measurePairs} from './trial/measure-pairs.js'
import type {Measured} from './trial/measured.js'
import type {Built, TrialGround} from './trial/trial-ground.js'

export interface Case {
  readonly plan: Pick<DbExplainPlan, 'measure' | 'slowMs'>
  readonly looks: readonly Look[]
  readonly advice: readonly QueryAdvice[]
  /** Told when measuring begins. */
  readonly measuring: () => void
}

type ProofKit = Pick<Kit, 'clock' | 'random' | 'signal' | 'note'>

export async function prove(
  ground: TrialGround,
  {plan, looks, advice, measuring}: Case,
  kit: ProofKit,
): Promise<Proof> {
  const queries = looks.map(({query}) => query)
  const candidates = mergeCandidates(advice.flatMap((one) => one.candidates))
  kit.note({phase: 'advice', text: `trying ${candidates.length} candidates`})
  const times = new Map(looks.map(({query, timeMs}) => [query.name, timeMs]))
  const choice = await choose(ground, {queries, candidates, times, slowMs: plan.slowMs, signal: kit.signal})
  const chosen = choice.chosen.map(({built}) => built)
  const nothing = {kind: ground.kind, choice, measured: [], charges: [], plansAfter: new Map<string, Plan>()}
  if (kit.signal.aborted) return nothing
  const slow = looks.filter((look) => look.slow)
  if (!ground.runs) return {...nothing, plansAfter: await plansWith(ground, chosen, slow)}
  measuring()
  kit.note({
    phase: 'measurement',
    text: `measuring ${queries.length} queries with and without ${chosen.length} indexes`,
  })
  const found = await measure(ground, {queries, chosen, plan}, kit)
  if (hasEnded(kit)) return {...nothing, ...found}
  const plansAfter = await plansWith(ground, chosen, slow)
  return {kind: ground.kind, choice, charges: await chargeAll(ground, chosen, kit), plansAfter, ...found}
}

/** Asked anew: it may end at any await. */
function hasEnded({signal}: ProofKit): boolean {
  return signal.aborted
}

interface Measuring {
  readonly queries: readonly BoundQuery[]
  readonly chosen: readonly Built[]
  readonly plan: Pick<DbExplainPlan, 'measure'>
}

type Found = Pick<Proof, 'drift' | 'stopped'> & {readonly measured: readonly Measured[]}

async function measure(ground: TrialGround, {queries, chosen, plan}: Measuring, kit: ProofKit): Promise<Found> {
  if (ground.kind === 'rolled-back') return await measureBlocks(ground, {queries, chosen}, BLOCK_SETTINGS, kit)
  const {pairs: minPairs, halfWidth: untilHalfWidth, warmUps: warmups, atMostMs: capMs} = plan.measure
  const settings = {minPairs, untilHalfWidth, capMs, warmups}
  return {measured: await measurePairs(ground, {queries, chosen}, settings, kit)}
}

/** Of each slow query the plan of its slowest binding, with the indexes. */
async function plansWith(
  ground: TrialGround,
  chosen: readonly Built[],
  looks: readonly Look[],
): Promise<ReadonlyMap<string, Plan>> {
  const plans = new Map<string, Plan>()
  await ground.see(chosen)
  for (const {query, plans: before} of looks) {
    const {values} = query.bindings[slowestOf(before)] ?? {values: []}
    const run = {analyze: ground.runs, timing: ground.runs, buffers: ground.runs}
    const ask = (options: ExplainOptions) =>
      ground.reads(() =>
        limited(ground.session, query.givenUpMs, () => explain(ground.session, query, values, options)),
      )
    plans.set(query.name, await explainOrPlan(run, ask))
  }
  await ground.see([])
  return plans
}

async function chargeAll(ground: TrialGround, chosen: readonly Built[], kit: ProofKit): Promise<WriteCharge[]> {
  const byTable = new Map<string, Built[]>()
  for (const built of chosen) {
    const table = tableOf(built.design)
    byTable.set(table, [...(byTable.get(table) ?? []), built])
  }
  const charges: WriteCharge[] = []
  for (const [table, indexes] of byTable) {
    if (kit.signal.aborted) break
    kit.note({phase: 'measurement', text: `charging the writes of ${table}`})
    charges.push(await chargeWrites(ground, {table, chosen: indexes}, kit))
  }
  return charges
}
