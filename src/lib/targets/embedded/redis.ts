/** Starts a throwaway Redis for the practice target: a real server from PATH, else our own that speaks its protocol. */
import {accessSync, constants} from 'node:fs'
import {delimiter, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {entryOf} from '../../base/entry.js'
import {startGuarded, type Guarded, type PickPort} from './guarded.js'
import type {EmbeddedService} from './service.js'

export type RedisKind = 'redis-server' | 'valkey-server' | 'fallback'

export interface RedisService extends EmbeddedService {
  readonly kind: RedisKind
}

export interface RedisOptions {
  /** `fallback`: do not look for a real server. */
  readonly prefer?: 'real' | 'fallback'
  readonly pickPort?: PickPort
}

interface Candidate {
  readonly kind: RedisKind
  readonly command: string
  args(port: number): readonly string[]
}

const FALLBACK: Candidate = {
  kind: 'fallback',
  command: process.execPath,
  args: (port) => [fileURLToPath(entryOf('./fallback-redis/main.js', import.meta.url)), String(port)],
}

/**
 * Starts the first server that works, in this order: `redis-server`, `valkey-server`, our fallback.
 * @throws Error with the last server's last words when none starts
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisService> {
  const real = options.prefer === 'fallback' ? [] : realServers()
  let failure: unknown
  for (const candidate of [...real, FALLBACK]) {
    try {
      const guarded = await startGuarded(
        (port) => ({server: 'redis', command: candidate.command, args: candidate.args(port), port}),
        options.pickPort,
      )
      return serviceOf(candidate.kind, guarded)
    } catch (cause) {
      failure = new Error(`${candidate.kind} did not start: ${(cause as Error).message}`, {cause})
    }
  }
  throw failure
}

/** The real servers that are on PATH. */
export function realServers(): readonly Candidate[] {
  return (['redis-server', 'valkey-server'] as const).flatMap((kind) => {
    const command = onPath(kind)
    return command === undefined ? [] : [{kind, command, args: serverFlags}]
  })
}

/** Keeps nothing on disk, and talks to this machine only. */
function serverFlags(port: number): readonly string[] {
  const flags = {port, bind: '127.0.0.1', 'protected-mode': 'yes', save: '', appendonly: 'no', loglevel: 'warning'}
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
}

function onPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, program)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function serviceOf(kind: RedisKind, guarded: Guarded): RedisService {
  const {port, ready} = guarded
  return {
    kind,
    version: ready.version,
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: ready.pid,
    describe: () => `${kind === 'fallback' ? 'in-process Redis on' : kind} ${ready.version} on port ${port}`,
    [Symbol.asyncDispose]: () => guarded[Symbol.asyncDispose](),
  }
}
