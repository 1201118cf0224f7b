/** How many workers a flood takes, and what it asks of this machine. */
import {UsageError} from '../../base/errors.js'
import {formatCount, formatSize} from '../../base/format-units.js'
import type {Bytes, PerSecond} from '../../base/units.js'
import {membersOf, type Roster} from '../../chat/roster.js'
import type {PlanFrame} from '../drill.js'
import type {WsFloodInput} from './input.js'

/** Descriptors that a process needs beside its sockets: channel, pipes, modules, timers. */
const RESERVED_DESCRIPTORS = 300
/** Below this many users a further worker costs more than it carries. */
const USERS_WORTH_A_WORKER = 2000
/** Resident and kernel memory of a user, with room to spare; with TLS (bench/tls.js); with the practice target its other end is here too. */
const BYTES_PER_USER = {ours: 20_000, tls: 60_000, practice: 40_000} as const
const BYTES_PER_PROCESS: Bytes = 80 * 1024 * 1024
/** Share of the memory that a flood may take. */
const MEMORY_SHARE = 0.8
/** Fewer than two nodes would prove nothing about broadcasts between them. */
const FEWEST_NODES = 2

/** Connections a second for each core: both ends on two cores carry the drill's default of 5,000/s, and our end is about half of that work. */
const CONNECTS_PER_CORE = {ours: 5000, practice: 2500} as const
/** What is left of that when each connection begins with a TLS handshake: at least 1,000/s on two cores with both ends (bench/tls.js). */
const TLS_SHARE = 0.25

/** What decides how many users fit. */
export type CapacityInput = Pick<WsFloodInput, 'connections' | 'machine' | 'targets' | 'workers'>

/** The number of workers, of which one carries the guests beside its share; throws a UsageError that names the limit when the users do not fit. */
export function crewFor(input: CapacityInput, roster: Roster, guests = 0): number {
  const perWorker = usersPerProcess(input) - guests
  mustHostGuests(input, guests)
  mustFitMemory({...input, connections: input.connections + guests})
  if (membersOf(roster, roster.rooms - 1) > perWorker) {
    throw new UsageError(
      `a room of ${formatCount(membersOf(roster, roster.rooms - 1))} does not fit into one worker: ` +
        `this machine gives a process ${formatCount(input.machine.descriptorsPerProcess)} file descriptors`,
      {hint: `use --room-size ${perWorker} or less, or raise the limit (ulimit -n)`},
    )
  }
  const fewest = fewestWorkers(roster, perWorker)
  const workers = input.workers ?? Math.max(fewest, wanted(input))
  if (workers >= fewest && workers <= roster.rooms) return workers
  if (input.workers === undefined) return Math.min(workers, roster.rooms)
  throw new UsageError(
    workers > roster.rooms
      ? `--workers ${workers} are more than the ${formatCount(roster.rooms)} rooms, and a room is not shared out`
      : `--workers ${workers} cannot hold ${formatCount(roster.users)} connections: ` +
          `a process may open ${formatCount(input.machine.descriptorsPerProcess)} file descriptors here`,
    {
      hint:
        workers > roster.rooms
          ? `use --workers ${roster.rooms} or less`
          : `use --workers ${fewest} or more, or leave it out`,
    },
  )
}

/** What the preflight holds against the machine, and what the practice target must offer. */
export function needsOf(input: CapacityInput, workers: number, guests = 0): Pick<PlanFrame, 'needs' | 'practice'> {
  const connections = input.connections + guests
  return {
    needs: {
      workers,
      descriptorsPerWorker: Math.ceil(input.connections / workers) + guests + RESERVED_DESCRIPTORS,
      sockets: connections,
      memoryBytes: connections * bytesPerUser(input) + workers * BYTES_PER_PROCESS,
    },
    practice: {nodes: Math.max(FEWEST_NODES, Math.ceil(connections / usersPerProcess(input)))},
  }
}

/** The users of the checks stay together, so that one worker has the whole ledger of a room. */
function mustHostGuests({machine}: CapacityInput, guests: number): void {
  if (guests < usersPerProcess({machine})) return
  throw new UsageError(
    `the checks take ${formatCount(guests)} users of their own, which do not fit into one worker: ` +
      `this machine gives a process ${formatCount(machine.descriptorsPerProcess)} file descriptors`,
    {hint: 'lower --check-room-cap, or raise the limit (ulimit -n)'},
  )
}

/** Users that one worker, or one practice node, can hold. */
export function usersPerProcess({machine}: Pick<CapacityInput, 'machine'>): number {
  return Math.max(1, machine.descriptorsPerProcess - RESERVED_DESCRIPTORS)
}

/** The connect rate that this machine keeps up without lateness of its own; the target may ask for less. */
export function sensibleConnectRate({machine, targets}: Pick<CapacityInput, 'machine' | 'targets'>): PerSecond {
  const each = targets.length === 0 ? CONNECTS_PER_CORE.practice : CONNECTS_PER_CORE.ours
  const tls = targets.some((url) => /^(wss|https):/i.test(url))
  return machine.cores * each * (tls ? TLS_SHARE : 1)
}

function wanted({connections, machine}: CapacityInput): number {
  return Math.min(machine.cores, Math.max(1, Math.ceil(connections / USERS_WORTH_A_WORKER)))
}

/** Rooms stay whole, so that the fullest worker may hold a little more than its even share. */
function fewestWorkers({users, rooms}: Roster, perWorker: number): number {
  const roomsPerWorker = Math.floor(perWorker / Math.ceil(users / rooms))
  return Math.ceil(rooms / Math.max(1, roomsPerWorker))
}

function bytesPerUser({targets}: CapacityInput): Bytes {
  if (targets.length === 0) return BYTES_PER_USER.ours + BYTES_PER_USER.practice
  return targets.some((url) => /^(wss|https):/i.test(url)) ? BYTES_PER_USER.tls : BYTES_PER_USER.ours
}

function mustFitMemory(input: CapacityInput): void {
  const {connections, machine} = input
  const most = Math.floor((machine.memoryBytes * MEMORY_SHARE) / bytesPerUser(input))
  if (connections <= most) return
  throw new UsageError(
    `${formatCount(connections)} connections are more than this machine can open: ` +
      `its ${formatSize(machine.memoryBytes)} of memory hold about ${formatCount(most)}`,
    {hint: `use --connections ${most} or less, or a larger machine`},
  )
}
