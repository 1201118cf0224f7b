/** What each node of a plan took by itself: time, and buffers. */
import type {Ms} from '../../../base/units.js'
import type {Buffers} from './plan-node.js'
import {runnersOf} from './runners.js'
import {split} from './split.js'
import type {Step, Taken} from './step.js'

export interface Own {
  readonly ms: Ms | undefined
  readonly buffers: Buffers
}

/** Times of all nodes add up to the root's; buffers as well, but for rounding. */
export function ownOf(root: Step): (step: Step) => Own {
  const runners = runnersOf(root)
  const part = (kind: keyof Taken) => split(root, ({taken}) => taken[kind] ?? 0, runners)
  const ms = root.taken.ms === undefined ? undefined : part('ms')
  const [hit, read, temporary] = [part('hit'), part('read'), part('temporary')]
  const blocks = (own: Map<Step, number>, step: Step) => Math.round(own.get(step) ?? 0)
  return (step) => ({
    ms: ms?.get(step),
    buffers: {hit: blocks(hit, step), read: blocks(read, step), temporary: blocks(temporary, step)},
  })
}
