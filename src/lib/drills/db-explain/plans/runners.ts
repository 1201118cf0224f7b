/**
 * Who runs the plans that EXPLAIN prints under a node that does not run them: a CTE is run by its CTE Scans, row by row, and an InitPlan by the
 * first expression that needs its value. Their time is inside those nodes, and a naive difference takes it off twice.
 */
import {textOf, type RawNode} from './raw-node.js'
import type {Runners} from './split.js'
import {isGather, type Step} from './step.js'

const CTE = 'CTE '

/** Never an empty list: what nobody is seen to run is left to the node that it hangs on. */
export function runnersOf(root: Step): Runners<Step> {
  const steps = within(root)
  const scans = cteScans(steps)
  const runners = new Map<Step, readonly Step[]>()
  for (const step of steps) {
    if (step.parent === undefined || textOf(step.raw, 'Parent Relationship') !== 'InitPlan') continue
    const found = isCte(step) ? (scans.get(step) ?? []) : evaluators(step, step.parent)
    const ran = found.filter(({loops}) => loops > 0)
    runners.set(step, ran.length > 0 ? ran : [step.parent])
  }
  return runners
}

function isCte({raw}: Step): boolean {
  return textOf(raw, 'Subplan Name')?.startsWith(CTE) ?? false
}

/** The scans of each CTE; a name means the nearest one that is in scope. */
function cteScans(steps: readonly Step[]): Map<Step, Step[]> {
  const scans = new Map<Step, Step[]>()
  for (const step of steps) {
    const name = step.type === 'CTE Scan' ? textOf(step.raw, 'CTE Name') : undefined
    const cte = name === undefined ? undefined : (inScope(step, name) ?? steps.find((other) => isNamed(other, name)))
    if (cte !== undefined) scans.set(cte, [...(scans.get(cte) ?? []), step])
  }
  return scans
}

/** From the scan upwards; a CTE that the scan stands in cannot be the one that it reads. */
function inScope(scan: Step, name: string): Step | undefined {
  let below: Step | undefined
  for (let step: Step | undefined = scan; step !== undefined; step = step.parent) {
    const cte = step.children.find((child) => child !== below && isNamed(child, name))
    if (cte !== undefined) return cte
    below = step
  }
  return undefined
}

function isNamed({raw}: Step, name: string): boolean {
  return textOf(raw, 'Subplan Name') === CTE + name
}

/** The deepest nodes that mention the InitPlan's output: those above them only pass it on. */
function evaluators(initPlan: Step, host: Step): readonly Step[] {
  const mention = mentionOf(textOf(initPlan.raw, 'Subplan Name') ?? '')
  const found = new Set<Step>()
  const search = (step: Step): boolean => {
    if (step === initPlan) return false
    if (step.children.map(search).some(Boolean)) return true
    if (!texts(step.raw).some((text) => mention.test(text))) return false
    found.add(beforeWorkers(step, host))
    return true
  }
  search(host)
  return [...found]
}

/** A Gather has the values ready before its workers start (since Postgres 11, commit e89a71fb449). */
function beforeWorkers(step: Step, host: Step): Step {
  let evaluator = step
  for (let above: Step | undefined = step; above !== undefined; above = above === host ? undefined : above.parent) {
    if (isGather(above.type)) evaluator = above
  }
  return evaluator
}

/** `InitPlan 1 (returns $0)` is `$0` in expressions up to Postgres 16; from 17 on `InitPlan 1` is `(InitPlan 1).col1`. */
function mentionOf(name: string): RegExp {
  const parameters = /\(returns (?<list>[^)]*)\)/.exec(name)?.groups?.['list']?.match(/\d+/g) ?? []
  if (parameters.length > 0) return new RegExp(String.raw`\$(?:${parameters.join('|')})(?!\d)`)
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(String.raw`\(${escaped}\)\.`)
}

const NAMES = new Set(['Subplan Name', 'Node Type', 'Parent Relationship'])

function texts(raw: RawNode): readonly string[] {
  return Object.entries(raw).flatMap(([key, value]) => {
    if (NAMES.has(key)) return []
    const items: readonly unknown[] = Array.isArray(value) ? value : [value]
    return items.filter((item) => typeof item === 'string')
  })
}

function within(step: Step): readonly Step[] {
  return [step, ...step.children.flatMap(within)]
}
