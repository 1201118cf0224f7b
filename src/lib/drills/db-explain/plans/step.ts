/** A raw node with its place in the tree, and what it took together with all below it. */
import {nodesOf, numberOf, textOf, type RawNode} from './raw-node.js'
import type {Branch} from './split.js'

/** Of all loops together. */
export interface Taken {
  /** On the clock; undefined where nothing was timed. */
  readonly ms: number | undefined
  readonly hit: number
  readonly read: number
  readonly temporary: number
}

export interface Step extends Branch<Step> {
  readonly raw: RawNode
  readonly type: string
  readonly parent: Step | undefined
  readonly children: readonly Step[]
  readonly loops: number
  readonly taken: Taken
}

/** The tree of steps from its root on. */
export function stepsOf(raw: RawNode): Step {
  return stepOf(raw, undefined, 1)
}

export function typeOf(raw: RawNode): string {
  return textOf(raw, 'Node Type') ?? 'Unknown'
}

/** `clockShare` turns time that several processes spent side by side into time on the clock. */
function stepOf(raw: RawNode, parent: Step | undefined, clockShare: number): Step {
  const isTimed = numberOf(raw, 'Actual Total Time') !== undefined
  const taken = {ms: isTimed ? spent(raw) * clockShare : undefined, ...blocks(raw)}
  const children: Step[] = []
  const step = {raw, type: typeOf(raw), parent, children, loops: numberOf(raw, 'Actual Loops') ?? 0, taken}
  for (const child of nodesOf(raw, 'Plans')) children.push(stepOf(child, step, clockShare * sideBySide(raw, child)))
  return step
}

/** EXPLAIN prints the mean of a loop, and sums loops over all processes (explain.c, InstrAggNode in instrument.c). */
function spent(raw: RawNode): number {
  return (numberOf(raw, 'Actual Total Time') ?? 0) * (numberOf(raw, 'Actual Loops') ?? 0)
}

/** Inclusive already, of all loops and processes. */
function blocks(raw: RawNode): Omit<Taken, 'ms'> {
  const sum = (...keys: readonly string[]) => keys.reduce((total, key) => total + (numberOf(raw, key) ?? 0), 0)
  return {
    hit: sum('Shared Hit Blocks', 'Local Hit Blocks'),
    read: sum('Shared Read Blocks', 'Local Read Blocks'),
    temporary: sum('Temp Read Blocks', 'Temp Written Blocks'),
  }
}

export function isGather(type: string): boolean {
  return type === 'Gather' || type === 'Gather Merge'
}

/**
 * Time on the clock of what runs under a Gather, as a share of the time that its processes spent together: that of the slowest process, and no
 * more than the Gather itself took. The leader's part is what the workers leave of the sum ("Using EXPLAIN" in the manual: loops count every
 * process). Dividing by workers + 1 at each node, as viewers do, goes wrong where the work is uneven (dalibo/pev2 #482): here one share holds
 * for all below the Gather, so that its nodes keep their proportions.
 */
function sideBySide(gather: RawNode, child: RawNode): number {
  const together = spent(child)
  if (!isGather(typeOf(gather)) || textOf(child, 'Parent Relationship') !== 'Outer' || together === 0) return 1
  const workers = nodesOf(child, 'Workers').map(spent)
  const clock = workers.some((ms) => ms > 0) ? slowest(together, workers) : together / processesOf(gather, child)
  return Math.min(clock, together, spent(gather)) / together
}

function slowest(together: number, workers: readonly number[]): number {
  const leader = together - workers.reduce((sum, ms) => sum + ms, 0)
  return Math.max(leader, ...workers)
}

/** Without the workers' own figures: as many as can have taken part. */
function processesOf(gather: RawNode, child: RawNode): number {
  const most = (numberOf(gather, 'Workers Launched') ?? 0) + 1
  const loops = (numberOf(child, 'Actual Loops') ?? 1) / (numberOf(gather, 'Actual Loops') ?? 1)
  return Math.min(Math.max(1, Math.round(loops)), most)
}
