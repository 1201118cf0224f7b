/** Reads what this machine allows: cores, memory, descriptors and ephemeral ports. */
import {readFileSync} from 'node:fs'
import {availableParallelism, totalmem} from 'node:os'
import type {Machine} from '../drills/drill.js'

/** Where the system sets no limit that we could ask for. */
const MANY_DESCRIPTORS = 1_048_576

/** The dynamic range of RFC 6335, 49152 to 65535, which macOS and Windows use. */
const USUAL_EPHEMERAL_PORTS = 16_384

export function readMachine(): Machine {
  return {
    cores: availableParallelism(),
    memoryBytes: memoryLimit(totalmem(), process.constrainedMemory()),
    descriptorsPerProcess: descriptorsIn(textOf('/proc/self/limits')) ?? reportedDescriptors(),
    ephemeralPorts: portsIn(textOf('/proc/sys/net/ipv4/ip_local_port_range')) ?? USUAL_EPHEMERAL_PORTS,
    platform: process.platform,
  }
}

/** The machine's memory, or what a container may have of it: `constrained` is 0 or beyond all memory where nothing is set. */
export function memoryLimit(total: number, constrained: number): number {
  return constrained > 0 && constrained < total ? constrained : total
}

/** The soft limit, which Node has raised to the hard one at its start: `Max open files  20000  20000  files`. */
export function descriptorsIn(limits: string | undefined): number | undefined {
  const soft = /^Max open files\s+(\S+)/m.exec(limits ?? '')?.[1]
  if (soft === 'unlimited') return MANY_DESCRIPTORS
  return soft === undefined || !/^\d+$/.test(soft) ? undefined : Number(soft)
}

/** `32768\t60999` names the first and the last port. */
export function portsIn(range: string | undefined): number | undefined {
  const [first, last] = (range ?? '').trim().split(/\s+/).map(Number)
  return first === undefined || last === undefined || !(last >= first) ? undefined : last - first + 1
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

interface UserLimits {
  readonly userLimits?: {readonly open_files?: {readonly soft?: number | string}}
}

/** Systems without /proc: Node's diagnostic report asks getrlimit. */
function reportedDescriptors(): number {
  const {userLimits} = process.report.getReport() as UserLimits
  const soft = userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : MANY_DESCRIPTORS
}
