/** Finds the node that a fault names. */
import {UsageError} from '../../base/errors.js'
import {didYouMean} from '../../base/nearest.js'
import type {FaultGround, NodeHandle, PlannedFault} from '../fault.js'

/** Throws a UsageError for one that nobody described. */
export function nodeOf({parameters}: Pick<PlannedFault, 'parameters'>, {nodes}: FaultGround): NodeHandle {
  const name = String(parameters['node'])
  const node = nodes.find((one) => one.name === name)
  if (node) return node
  const names = nodes.map((one) => one.name)
  throw new UsageError(
    `there is no node '${name}': ${names.length === 0 ? "the profile has no 'nodes:'" : didYouMean(name, names)}`,
  )
}
