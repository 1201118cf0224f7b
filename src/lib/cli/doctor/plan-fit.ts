/** Which floods this machine carries: asked of the same arithmetic that the drill plans with, and of the limits of the whole system. */
import {UsageError} from '../../base/errors.js'
import {formatCount} from '../../base/format-units.js'
import type {Bytes} from '../../base/units.js'
import {rosterOf} from '../../chat/roster.js'
import type {Machine} from '../../drills/drill.js'
import {crewFor, needsOf, sensibleConnectRate} from '../../drills/ws-flood/capacity.js'
import type {MachineState, PlanFit} from '../../report/diagnosis-schema.js'
import type {AllowedTarget} from '../../targets/safety/allow-list.js'
import {checkMachine} from '../preflight.js'

/** A flood that is asked about. */
export interface Asked {
  readonly connections: number
  readonly roomSize: number
  /** Empty means the practice target, whose ends of the connections are here too. */
  readonly targets: readonly string[]
  readonly hosts: readonly AllowedTarget[]
  readonly sourceAddresses: readonly string[]
  readonly machine: Machine
}

/** No run has more users than that. */
const SEARCH_LIMIT = 2 ** 24

/** A target somewhere else with one address and one port, for when none is named. */
export function somewhereElse(asked: Asked): Asked {
  const url = 'ws://target.example'
  const host: AllowedTarget = {url, host: 'target.example', addresses: ['192.0.2.1'], loopback: false}
  return {...asked, targets: [url], hosts: [host]}
}

/** Whether the flood fits, how many users would, and how fast they may come. */
export function planFit(asked: Asked, state: MachineState): PlanFit {
  const rate = sensibleConnectRate({machine: effective(asked.machine, state), targets: asked.targets})
  const most = mostUsers(asked, state)
  const common = {
    with: asked.targets.length === 0 ? ('practice' as const) : ('target' as const),
    connections: asked.connections,
    mostConnections: most,
    limitedBy: limitIn(whyNot(asked, state, most + 1)),
    connectRate: Math.max(1, Math.min(rate, asked.connections)),
  }
  const why = whyNot(asked, state, asked.connections)
  if (why !== undefined) return {...common, fits: false, why}
  const {workers, nodes} = needed(asked)
  return {...common, fits: true, workers, ...(asked.targets.length === 0 ? {nodes} : {})}
}

export interface Needed {
  readonly workers: number
  /** Processes of the practice target. */
  readonly nodes: number
  readonly memoryBytes: Bytes
  /** Descriptors of all our processes together. */
  readonly descriptors: number
}

/** What a flood takes. Throws a UsageError when the drill would refuse to plan it. */
function needed(asked: Asked): Needed {
  const {needs, practice} = whatItTakes(asked)
  checkMachine({needs, practice}, asked, asked.hosts)
  const bothEnds = asked.targets.length === 0
  const own = needs.workers * needs.descriptorsPerWorker
  return {
    workers: needs.workers,
    nodes: practice.nodes,
    memoryBytes: needs.memoryBytes,
    descriptors: bothEnds ? 2 * own : own,
  }
}

function whatItTakes(asked: Asked) {
  const input = {...asked, workers: undefined}
  return needsOf(input, crewFor(input, rosterOf(asked.connections, asked.roomSize)))
}

/** What a flood would take of the memory, whether it fits or not. */
export function memoryNeeded(asked: Asked): Bytes {
  const workers = Math.ceil(asked.connections / Math.max(1, asked.machine.descriptorsPerProcess))
  return needsOf({...asked, workers: undefined}, workers).needs.memoryBytes
}

/** Why that many users do not fit; undefined when they do. */
function whyNot(asked: Asked, state: MachineState, connections: number): string | undefined {
  try {
    return whyNotOnSystem(needed({...asked, connections}), connections, state)
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
}

/** What a refusal names; the messages are the drill's and ours. */
function limitIn(why = ''): string {
  return (
    ['memory', 'ports', 'conntrack', 'descriptors'].find((limit) => why.includes(limit)) ?? 'nothing that is known of'
  )
}

/** Limits of the whole system, which the drill's own preflight does not know. */
function whyNotOnSystem({descriptors}: Needed, connections: number, state: MachineState): string | undefined {
  const files = (state.filesMost ?? Infinity) - (state.filesOpen ?? 0)
  if (descriptors > files)
    return `${formatCount(connections)} users need ${formatCount(descriptors)} descriptors, but the system has ${formatCount(Math.max(0, files))} left`
  const tracked = trackedLeft(state)
  if (connections > tracked)
    return `${formatCount(connections)} connections are more than the ${formatCount(tracked)} that conntrack has room for`
  return undefined
}

/** Where no rule tracks connections, the table stays empty and limits nothing. */
export function trackedLeft({trackedConnections = 0, trackedMost}: MachineState): number {
  if (trackedMost === undefined || trackedConnections === 0) return Infinity
  return Math.max(0, trackedMost - trackedConnections)
}

/** The largest number of users that fits, by halving. */
function mostUsers(asked: Asked, state: MachineState): number {
  let [fits, tooMany] = [0, SEARCH_LIMIT]
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2)
    if (whyNot(asked, state, middle) === undefined) fits = middle
    else tooMany = middle
  }
  return fits
}

/** A quota takes cores away that the system still shows. */
function effective(machine: Machine, {coresAllowed}: MachineState): Machine {
  return coresAllowed === undefined ? machine : {...machine, cores: Math.min(machine.cores, coresAllowed)}
}
