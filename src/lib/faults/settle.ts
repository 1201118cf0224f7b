/** Holds the faults of a run against the catalogue, the plan and the ground, before anything is harmed. */
import {UsageError} from '../base/errors.js'
import {exactDuration} from '../base/format-units.js'
import {didYouMean} from '../base/nearest.js'
import type {Ms} from '../base/units.js'
import {FAULT_NAMES, FAULTS} from './catalogue.js'
import type {FaultDefinition} from './definition.js'
import type {NodeHandle, PlannedFault} from './fault.js'
import type {FaultSpec} from './grammar.js'
import {readParameters} from './parameters.js'

export interface Setting {
  /** From the start of the steady phase to its end. */
  readonly durationMs: Ms
  /** `--allow-sticky`. */
  readonly allowSticky: boolean
  /** Undefined: not known yet, so that any name is taken. */
  readonly nodes?: readonly NodeHandle[]
  readonly proxies?: readonly string[]
}

/**
 * The faults by time. Throws a UsageError that quotes the fault, for an unknown one, a wrong or missing parameter, a time outside of the run, one that
 * lasts without `for` or the other way round, two of the same at the same time, a sticky one that is not allowed, and a name that is not known.
 */
export function settleFaults(specs: readonly FaultSpec[], setting: Setting): PlannedFault[] {
  const planned = specs.map((spec) => settle(spec, setting))
  planned.sort((left, right) => left.atMs - right.atMs)
  refuseOverlaps(planned)
  return planned
}

function settle(spec: FaultSpec, setting: Setting): PlannedFault {
  const {name, text, atMs, forMs = 0} = spec
  const refuse = refusalOf(spec)
  const definition = definitionOf(name, refuse)
  const parameters = readParameters(spec, definition.parameters, refuse)
  const node = checkNames(parameters, setting, refuse)
  checkLength(spec, definition.lasts, refuse)
  if (isBroughtBack(spec, definition) && setting.nodes && node?.revert === undefined)
    throw refuse("the node has no 'revert' command that would bring it back: leave out 'for', or add the command")
  checkTime(spec, setting.durationMs, refuse)
  const faultClass = isBroughtBack(spec, definition) ? 'sticky' : definition.class
  if (faultClass === 'sticky' && !setting.allowSticky)
    throw refuse('it changes what only we can put back: to allow it, add --allow-sticky')
  return Object.freeze({name, class: faultClass, needs: definition.needs, text, parameters, atMs, forMs})
}

function definitionOf(name: string, refuse: Refusal): FaultDefinition {
  const definition = Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined
  if (definition === undefined) throw refuse(`there is no fault '${name}', ${didYouMean(name, FAULT_NAMES)}`)
  return definition
}

/** What is over at once, but was asked to last. */
function isBroughtBack({forMs}: FaultSpec, {lasts}: FaultDefinition): boolean {
  return lasts === 'optional' && forMs !== undefined
}

type Refusal = (why: string) => UsageError

function refusalOf({text}: FaultSpec): Refusal {
  return (why) => new UsageError(`fault '${text}': ${why}`)
}

/** The node that is meant, when there is one. */
function checkNames(
  {proxy, node}: PlannedFault['parameters'],
  {nodes, proxies}: Setting,
  refuse: Refusal,
): NodeHandle | undefined {
  if (proxy !== undefined && proxies && !proxies.includes(String(proxy)))
    throw refuse(`there is no proxy '${proxy}': ${known(String(proxy), proxies, 'proxies')}`)
  const found = nodes?.find(({name}) => name === node)
  if (node !== undefined && nodes && !found) {
    const names = nodes.map(({name}) => name)
    throw refuse(`there is no node '${node}': ${known(String(node), names, 'nodes')}`)
  }
  return found
}

function known(word: string, names: readonly string[], section: string): string {
  return names.length === 0 ? `the profile has no '${section}:'` : didYouMean(word, names)
}

function checkLength({forMs, name}: FaultSpec, lasts: FaultDefinition['lasts'], refuse: Refusal): void {
  if (lasts === true && forMs === undefined) throw refuse(`${name} lasts: say how long, e.g. 'for 5s'`)
  if (lasts === false && forMs !== undefined) throw refuse(`${name} is over at once: leave out 'for'`)
  if (forMs === 0) throw refuse("'for' must be more than nothing")
}

function checkTime({atMs, forMs = 0}: FaultSpec, durationMs: Ms, refuse: Refusal): void {
  const [end, whole] = [exactDuration(atMs + forMs), exactDuration(durationMs)]
  if (atMs >= durationMs) throw refuse(`the run is over by then: it takes ${whole}`)
  if (atMs + forMs > durationMs) throw refuse(`it ends at ${end}, after the end of the run at ${whole}`)
}

/** The same fault on the same thing would put back what the other one still needs. */
function refuseOverlaps(planned: readonly PlannedFault[]): void {
  planned.forEach((fault, index) => {
    const other = planned
      .slice(0, index)
      .find((earlier) => identityOf(earlier) === identityOf(fault) && meets(earlier, fault))
    if (other) {
      throw new UsageError(`fault '${fault.text}': overlaps '${other.text}'`, {
        hint: `the same fault can begin again once it has ended, from ${exactDuration(other.atMs + other.forMs)}`,
      })
    }
  })
}

/** What is over at once may hit different ones at the same moment. */
function identityOf({name, parameters, forMs}: PlannedFault): string {
  const {proxy, node, table} = parameters
  return JSON.stringify(forMs === 0 ? [name, parameters] : [name, proxy, node, table])
}

/** `later` does not begin before `earlier`. */
function meets(earlier: PlannedFault, later: PlannedFault): boolean {
  return later.atMs < earlier.atMs + earlier.forMs || later.atMs === earlier.atMs
}
