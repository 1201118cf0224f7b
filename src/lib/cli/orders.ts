/** What the user ordered beside the load: faults, made ready before it begins, and conditions that stop it. */
import {formatValue} from '../base/format-units.js'
import type {PlanFrame} from '../drills/drill.js'
import type {Orders} from '../faults/course/course.js'
import type {Stopped} from '../faults/course/stop-when.js'
import type {FaultAgent} from '../faults/agent/agent.js'
import type {MetricCatalogue} from '../metrics/metric.js'
import type {Threshold} from '../verdict/threshold.js'
import type {Bench} from './bench.js'
import type {OpenedTarget} from './open-target.js'

export interface Ordered {
  readonly orders: Orders
  /** Aborts on the first signal of the user, and when a condition stops the run. */
  readonly signal: AbortSignal
  /** The condition that stopped it. */
  readonly stopped: Stopped | undefined
}

export interface Ordering {
  readonly plan: PlanFrame
  readonly thresholds: readonly Threshold[]
  readonly stopWhen: readonly Threshold[]
  readonly catalogue: MetricCatalogue
  readonly opened: OpenedTarget
  readonly runId: string
}

/** The agent stays in the belongings. Throws a TargetError or a UsageError for a fault that cannot be made ready. */
export async function takeOrders(ordering: Ordering, bench: Bench): Promise<Ordered> {
  const {thresholds, stopWhen, catalogue} = ordering
  const stopping = new AbortController()
  const faults = await readyFaults(ordering, bench)
  let stopped: Stopped | undefined
  const stop = (why: Stopped): void => {
    stopped ??= why
    bench.progress.say(`stopping the load: ${why.condition} (${formatValue(why.observed, why.unit)})`)
    stopping.abort()
  }
  return {
    orders: {faults, thresholds, stopWhen, catalogue, stop},
    signal: AbortSignal.any([bench.interrupts.signal, stopping.signal]),
    get stopped() {
      return stopped
    },
  }
}

async function readyFaults({plan, opened, runId}: Ordering, bench: Bench): Promise<FaultAgent | undefined> {
  if (plan.faults.length === 0) return undefined
  const {startAgent} = await import('../faults/agent/agent.js')
  const {interrupts, belongings, progress} = bench
  progress.note({phase: 'preflight', text: 'making the faults ready'})
  const agent = await startAgent({
    faults: plan.faults,
    ground: opened.ground,
    runId,
    seed: plan.seed,
    signal: interrupts.signal,
    journal: {},
    target: opened.target.description,
  })
  belongings.keep(() => inForce(agent), agent)
  if (opened.target.kind === 'external')
    agent.previews.forEach((preview, index) => progress.say(announced(plan, index, preview)))
  return agent
}

function announced({faults}: PlanFrame, index: number, {server, hits}: FaultAgent['previews'][number]): string {
  return `fault ${faults[index]?.text ?? ''}: ${server}; it hits ${hits}`
}

/** Faults that may outlive us. */
function inForce({records}: FaultAgent): string {
  const open = records.filter(({outcome}) => outcome === 'active' || outcome === 'not reverted')
  return open.length === 0 ? '' : `the fault ${open.map(({fault}) => fault.text).join(', ')}`
}
