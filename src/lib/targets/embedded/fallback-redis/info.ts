/** INFO: what clients ask on connecting, and what a watcher samples. */
import {createRequire} from 'node:module'
import {performance} from 'node:perf_hooks'

/** Redis' version whose behaviour we follow; clients choose their commands by it. */
const COMPATIBLE_WITH = '7.0.0'

const {version: mockVersion} = createRequire(import.meta.url)('ioredis-mock/package.json') as {readonly version: string}

export interface InfoFacts {
  readonly port: number
  readonly clients: number
  readonly blocked: number
  readonly commands: number
  readonly connections: number
  readonly channels: number
  readonly patterns: number
  readonly keys: number
  readonly expires: number
}

type Section = Readonly<Record<string, string | number>>

function sections(facts: InfoFacts): Readonly<Record<string, Section>> {
  return {
    server: {
      redis_version: COMPATIBLE_WITH,
      redis_mode: 'standalone',
      server_name: 'proofload-in-process',
      engine_version: `ioredis-mock ${mockVersion}`,
      process_id: process.pid,
      tcp_port: facts.port,
      uptime_in_seconds: Math.floor(performance.now() / 1000),
    },
    clients: {connected_clients: facts.clients, blocked_clients: facts.blocked, maxclients: 10_000},
    memory: {used_memory: process.memoryUsage().heapUsed, used_memory_rss: process.memoryUsage.rss(), maxmemory: 0},
    persistence: {loading: 0},
    stats: {
      total_connections_received: facts.connections,
      total_commands_processed: facts.commands,
      evicted_keys: 0,
      pubsub_channels: facts.channels,
      pubsub_patterns: facts.patterns,
    },
    replication: {role: 'master', connected_slaves: 0},
    keyspace: facts.keys === 0 ? {} : {db0: `keys=${facts.keys},expires=${facts.expires},avg_ttl=0`},
  }
}

/** The text of INFO; without names, or with `all`, `everything` or `default`: every section. */
export function infoText(facts: InfoFacts, names: readonly string[]): string {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  const all = wanted.size === 0 || ['all', 'everything', 'default'].some((name) => wanted.has(name))
  return Object.entries(sections(facts))
    .filter(([name]) => all || wanted.has(name))
    .map(([name, section]) => sectionText(name, section))
    .join('\r\n')
}

function sectionText(name: string, section: Section): string {
  const lines = Object.entries(section).map(([key, value]) => `${key}:${value}\r\n`)
  return `# ${name.slice(0, 1).toUpperCase()}${name.slice(1)}\r\n${lines.join('')}`
}
