/** The texts of machines that the tests make up. */
import type {Basics} from '../../../src/lib/cli/doctor/machine-state.js'
import type {Texts} from '../../../src/lib/cli/doctor/texts.js'
import type {Machine} from '../../../src/lib/drills/drill.js'

export const GIB = 2 ** 30

export function textsOf(texts: Readonly<Record<string, string>>): Texts {
  return (source) => texts[source]
}

/** A staging server with everything in order. */
export const LINUX: Readonly<Record<string, string>> = {
  '/proc/self/limits': 'Max open files            20000                1048576              files',
  '/proc/sys/fs/file-nr': '1024\t0\t2466183\n',
  '/proc/sys/fs/nr_open': '1048576\n',
  '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
  '/proc/sys/net/ipv4/tcp_tw_reuse': '2\n',
  '/proc/net/sockstat': 'sockets: used 60\nTCP: inuse 7 orphan 0 tw 12 alloc 7 mem 0\nUDP: inuse 0 mem 0\n',
  '/proc/meminfo': 'MemTotal:       16777216 kB\nMemFree:         1048576 kB\nMemAvailable:   12582912 kB\n',
  '/proc/loadavg': '0.42 0.50 0.61 1/300 4242\n',
  '/proc/sys/net/core/somaxconn': '4096\n',
  '/proc/sys/net/ipv4/tcp_max_syn_backlog': '2048\n',
  '/proc/self/cgroup': '0::/\n',
}

export const machine: Machine = {
  cores: 4,
  memoryBytes: 16 * GIB,
  descriptorsPerProcess: 20_000,
  ephemeralPorts: 28_232,
  platform: 'linux',
}

export function basics(changes: Partial<Basics> = {}): Basics {
  return {
    machine,
    totalBytes: 16 * GIB,
    freeBytes: GIB,
    load: undefined,
    manyLoopbackAddresses: true,
    ...changes,
  }
}
