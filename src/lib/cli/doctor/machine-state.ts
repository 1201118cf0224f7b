/** This machine in figures, from the texts of its system. Pure, so that any machine can be handed in. */
import type {Machine} from '../../drills/drill.js'
import type {MachineState} from '../../report/diagnosis-schema.js'
import {controlGroupOf} from './control-group.js'
import type {Texts} from './texts.js'

/** What Node tells itself. */
export interface Basics {
  readonly machine: Machine
  readonly totalBytes: number
  readonly freeBytes: number
  readonly load: number | undefined
  /** The system answers on all of 127.0.0.0/8. */
  readonly manyLoopbackAddresses: boolean
}

export function machineStateOf(texts: Texts, basics: Basics): MachineState {
  const {machine} = basics
  return {
    platform: machine.platform,
    cores: machine.cores,
    manyLoopbackAddresses: basics.manyLoopbackAddresses,
    ...known({load: numberIn(texts('/proc/loadavg')) ?? basics.load}),
    ...memoryOf(texts, basics),
    ...descriptorsOf(texts, machine),
    ...portsOf(texts, machine),
    ...known({
      timeWait: timeWaitIn(texts('/proc/net/sockstat')),
      timeWaitReuse: numberIn(texts('/proc/sys/net/ipv4/tcp_tw_reuse')),
      trackedConnections: numberIn(texts('/proc/sys/net/netfilter/nf_conntrack_count')),
      trackedMost: numberIn(texts('/proc/sys/net/netfilter/nf_conntrack_max')),
      acceptQueue: numberIn(texts('/proc/sys/net/core/somaxconn') ?? texts('sysctl:kern.ipc.somaxconn')),
      handshakeQueue: numberIn(texts('/proc/sys/net/ipv4/tcp_max_syn_backlog')),
    }),
  }
}

function memoryOf(texts: Texts, {totalBytes, freeBytes}: Basics) {
  const group = controlGroupOf(texts)
  const available = kibibytesAfter('MemAvailable', texts('/proc/meminfo')) ?? freeBytes
  // A limit beyond all memory limits nothing.
  const limited = group.memoryLimit !== undefined && group.memoryLimit < totalBytes
  return {
    memoryBytes: totalBytes,
    memoryAvailableBytes: Math.min(available, group.memoryLeft ?? Infinity),
    ...known({memoryLimitBytes: limited ? group.memoryLimit : undefined, coresAllowed: group.cores}),
  }
}

function descriptorsOf(texts: Texts, machine: Machine) {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(texts('/proc/self/limits') ?? '')?.[1]
  const [open, , most] = (texts('/proc/sys/fs/file-nr') ?? '').trim().split(/\s+/)
  return {
    descriptorsSoft: machine.descriptorsPerProcess,
    descriptorsHard: Math.max(numberIn(hard) ?? 0, machine.descriptorsPerProcess),
    ...known({
      filesOpen: numberIn(open) ?? numberIn(texts('sysctl:kern.num_files')),
      filesMost: numberIn(most) ?? numberIn(texts('sysctl:kern.maxfiles')),
      descriptorCeiling: numberIn(texts('/proc/sys/fs/nr_open')),
    }),
  }
}

/** The last port and the number of ports are known anyway; where a range is told, so is the first. */
function portsOf(texts: Texts, {ephemeralPorts}: Machine) {
  const [first, last] = (texts('/proc/sys/net/ipv4/ip_local_port_range') ?? '').trim().split(/\s+/)
  const lastPort = numberIn(last) ?? numberIn(texts('sysctl:net.inet.ip.portrange.last')) ?? 65_535
  const firstPort = numberIn(first) ?? numberIn(texts('sysctl:net.inet.ip.portrange.first'))
  return {firstPort: firstPort ?? lastPort - ephemeralPorts + 1, lastPort}
}

/** `TCP: inuse 5 orphan 0 tw 12 alloc 7 mem 0` */
function timeWaitIn(sockstat: string | undefined): number | undefined {
  return numberIn(/^TCP: .*\btw (\d+)/m.exec(sockstat ?? '')?.[1])
}

/** `MemAvailable:   16384 kB` */
function kibibytesAfter(name: string, text: string | undefined): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text ?? '')?.[1]
  return found === undefined ? undefined : Number(found) * 1024
}

/** The number that a text begins with. */
function numberIn(text: string | undefined): number | undefined {
  const found = /^\s*(\d+(?:\.\d+)?)(?:\s|$)/.exec(text ?? '')?.[1]
  return found === undefined ? undefined : Number(found)
}

type Known<Members> = {readonly [Name in keyof Members]?: Exclude<Members[Name], undefined>}

/** Only the members that have a value. */
function known<Members extends object>(members: Members): Known<Members> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Known<Members>
}
