/** Memory and cores. */
import {formatCount, formatSize} from '../../base/format-units.js'
import type {Check, Remedy} from '../../report/diagnosis-schema.js'
import {checked, isMac, type Situation} from './situation.js'

export function memoryCheck(situation: Situation): Check {
  const {state, memoryNeeded} = situation
  const {memoryBytes, memoryAvailableBytes, memoryLimitBytes} = state
  const limit =
    memoryLimitBytes === undefined ? '' : `, limited to ${formatSize(memoryLimitBytes)} by the control group`
  const never = memoryNeeded > (memoryLimitBytes ?? memoryBytes)
  const now = memoryNeeded <= memoryAvailableBytes
  const row = {
    name: 'memory',
    value: `${formatSize(memoryBytes)}, ${formatSize(memoryAvailableBytes)} available${limit}`,
    allows: `the plan takes about ${formatSize(memoryNeeded)}${now ? '' : never ? ', more than there is' : ', more than is free now'}`,
  }
  return checked(never ? 'problem' : now ? 'ok' : 'warning', row, [
    {what: 'plan fewer --connections'},
    ...(memoryLimitBytes === undefined
      ? [
          {
            what: 'see who holds it',
            command: isMac(situation) ? 'top -l 1 -o mem -n 5' : 'ps -eo rss,pid,args --sort=-rss | head -6',
          },
        ]
      : [
          {
            what: 'or give the container more',
            command: `docker run --memory=${Math.ceil((memoryNeeded * 1.25) / 2 ** 30)}g …`,
          },
        ]),
  ])
}

/** A quota below this many cores leaves nothing beside the target's own end. */
const FEWEST_CORES = 2

/** Above this share of all cores, others take what a flood needs. */
const BUSY_SHARE = 0.5

export function coreCheck(situation: Situation): Check {
  const {cores, coresAllowed = cores, load = 0} = situation.state
  const usable = Math.min(cores, coresAllowed)
  const busy = load > BUSY_SHARE * cores
  const few = usable < FEWEST_CORES
  const quota = usable < cores ? `, limited to ${formatCount(usable)} by the control group` : ''
  const whom = situation.bothEnds ? 'workers and the practice target' : 'workers'
  const row = {
    name: 'cores',
    value: `${formatCount(cores)}${quota}, load ${formatCount(load)}`,
    allows: busy ? 'others use them too, which makes latencies doubtful' : `${formatCount(usable)} for ${whom}`,
  }
  return checked(busy || few ? 'warning' : 'ok', row, [
    ...(busy ? [{what: 'see who uses them', command: busiest(situation)}] : []),
    ...(few ? [moreCores(quota !== '', cores)] : []),
  ])
}

function busiest(situation: Situation): string {
  return isMac(situation) ? 'ps -Ao pcpu,pid,command -r | head -6' : 'ps -eo pcpu,pid,args --sort=-pcpu | head -6'
}

function moreCores(limited: boolean, cores: number): Remedy {
  if (limited && cores >= FEWEST_CORES)
    return {what: 'give the container more', command: `docker run --cpus=${cores} …`}
  return {what: 'latencies need a machine with two cores or more; loss is judged on one as well'}
}
