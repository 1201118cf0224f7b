/** Candidates that were built, and what the planner makes of any set of them. */
import type {Candidate} from '../advice/index-design.js'
import type {BoundQuery} from '../query.js'
import {isBuilt, type Built, type NotBuilt, type TrialGround} from './trial-ground.js'
import {costsOf, type Costs, type QueryCost} from './workload-costs.js'

export interface Trial {
  readonly candidate: Candidate
  readonly built: Built
}

export interface Trials {
  readonly all: readonly Trial[]
  readonly notTried: readonly (NotBuilt & {readonly serves: readonly string[]})[]
  /** Without any of them. */
  readonly before: Costs
  /** With exactly these. */
  costs(set: readonly Trial[]): Promise<Costs>
  /** Names of the queries that read it where costs are these. */
  readersOf(trial: Trial, costs: Costs): readonly string[]
}

interface Order {
  readonly queries: readonly BoundQuery[]
  readonly candidates: readonly Candidate[]
  readonly signal: AbortSignal
}

type NotTried = Trials['notTried'][number]

/** All are built, and stand until they are dropped; any set can be looked at. */
export async function trialsTogether(ground: TrialGround, order: Order): Promise<Trials> {
  const all: Trial[] = []
  const notTried: NotTried[] = []
  for (const candidate of order.candidates) {
    const built = await buildUnlessOver(ground, candidate, order.signal)
    if (isBuilt(built)) all.push({candidate, built})
    else notTried.push({...built, serves: candidate.serves})
  }
  // Only now, because expressions were analysed, and the statistics of their tables with them.
  await ground.see([])
  const before = await costsOf(ground, order.queries)
  return {
    all,
    notTried,
    before,
    readersOf: ({built}, costs) => readers(built.names, costs),
    async costs(set) {
      await ground.see(set.map(({built}) => built))
      const concerned = order.queries.filter((query) => set.some(({candidate}) => concerns(candidate, query, before)))
      return new Map([...before, ...(await costsOf(ground, concerned))])
    },
  }
}

/** Each is built, looked at and taken down again before the next; of a set the best for each query counts. */
export async function trialsAlone(ground: TrialGround, order: Order): Promise<Trials> {
  const all: Trial[] = []
  const notTried: NotTried[] = []
  const found = new Map<Trial, Costs>()
  const before = await costsOf(ground, order.queries)
  for (const candidate of order.candidates) {
    const built = await buildUnlessOver(ground, candidate, order.signal)
    if (isBuilt(built)) {
      const trial = {candidate, built}
      await ground.see([built])
      found.set(
        trial,
        await costsOf(
          ground,
          order.queries.filter((query) => concerns(candidate, query, before)),
        ),
      )
      await ground.see([])
      all.push(trial)
    } else notTried.push({...built, serves: candidate.serves})
  }
  return {
    all,
    notTried,
    before,
    readersOf: ({built}, costs) => readers(built.names, costs),
    costs: (set) =>
      Promise.resolve(
        bestOf(
          before,
          set.map((trial) => found.get(trial) ?? new Map()),
        ),
      ),
  }
}

async function buildUnlessOver(
  ground: TrialGround,
  {design, needs}: Candidate,
  signal: AbortSignal,
): Promise<Built | NotBuilt> {
  if (ground.stopped.aborted) return {design, reason: String(ground.stopped.reason)}
  return signal.aborted ? {design, reason: 'interrupted'} : ground.build(design, needs)
}

/** Also those that it was not made for: two queries may share it. A partition goes by another name than the table it belongs to. */
function concerns({design, serves}: Candidate, {name}: BoundQuery, before: Costs): boolean {
  const {schema, table} = design
  const read = before.get(name)?.tables ?? []
  return serves.includes(name) || read.some((one) => one.schema === schema && one.name === table)
}

function readers(names: readonly string[], costs: Costs): readonly string[] {
  return [...costs].filter(([, {indexes}]) => indexes.some((index) => names.includes(index))).map(([name]) => name)
}

function bestOf(before: Costs, found: readonly Costs[]): Costs {
  const best = new Map<string, QueryCost>(before)
  for (const [name, cost] of found.flatMap((costs) => [...costs])) {
    if (cost.cost < (best.get(name)?.cost ?? Infinity)) best.set(name, cost)
  }
  return best
}
