/** A private Postgres of Debian's packages, with HypoPG; another version than ours. On loopback, in its own directory, gone at the end. */
import {execFile, execFileSync} from 'node:child_process'
import {existsSync, readdirSync} from 'node:fs'
import {chown, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {promisify} from 'node:util'
import {Client} from 'pg'
import {freePort} from '../../src/lib/targets/embedded/ports.js'
import {startGroup, type Group, type GroupOrder} from './group.js'

const VERSIONS = '/usr/lib/postgresql'
const START_WITHIN_MS = 30_000
const TRIES = 3
const PASSWORD = 'hunter2'

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_preload_libraries: 'pg_stat_statements',
  autovacuum: 'off',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
}

export interface DebianPostgres extends AsyncDisposable {
  /** `15` */
  readonly version: string
  readonly port: number
  /** Every user of it has the same password. */
  url(user: string, port?: number): string
}

/** Whoever runs a server that root may not run; undefined: ourselves. */
export type User = GroupOrder['user']

/** Why there can be none here; undefined when there can. */
export function missingPostgres(): string | undefined {
  if (newest() === undefined) return `no Postgres with HypoPG in ${VERSIONS}`
  return process.getuid?.() === 0 && plainUser() === undefined
    ? 'root may not run it, and there is no user postgres'
    : undefined
}

/** @throws Error with the last words of the server when it does not start */
export async function startDebianPostgres(): Promise<DebianPostgres> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce()
    } catch (error) {
      // Somebody else was quicker.
      if (attempt === TRIES || !/address already in use/i.test(String(error))) throw error
    }
  }
}

/** As root the user of Debian's package, whom `postgres` and `pgbouncer` take; undefined for anybody else. */
export function plainUser(): User {
  if (process.getuid?.() !== 0) return undefined
  try {
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number(execFileSync('id', [flag, 'postgres'], {encoding: 'utf8', stdio: 'pipe'})),
    )
    return uid === undefined || gid === undefined ? undefined : {uid, gid}
  } catch {
    return undefined
  }
}

/** Where that user may write. */
export async function directoryFor(user: User, name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `proofload-${name}-`))
  if (user !== undefined) await chown(directory, user.uid, user.gid)
  return directory
}

/** @throws Error with the server's last words when it ends, or nothing answers in time */
export async function answering(group: Group, ask: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + START_WITHIN_MS
  for (;;) {
    try {
      await ask()
      return
    } catch (cause) {
      const {exitCode, signalCode} = group.process
      if (exitCode !== null || signalCode !== null || performance.now() > end)
        throw new Error(`it does not start: ${group.words()}`, {cause})
      await sleep(50)
    }
  }
}

/** A query at a URL, in a session of its own. */
export async function ask<Row extends object>(url: string, sql: string): Promise<readonly Row[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

/** With the extension that belongs to it. */
function newest(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : []
  return versions
    .filter((version) => existsSync(join(VERSIONS, version, 'bin/postgres')))
    .filter((version) => existsSync(`/usr/share/postgresql/${version}/extension/hypopg.control`))
    .sort((one, other) => Number(other) - Number(one))[0]
}

async function startOnce(): Promise<DebianPostgres> {
  const version = newest() ?? ''
  const user = plainUser()
  const program = (name: string): string => join(VERSIONS, version, 'bin', name)
  const directory = await directoryFor(user, 'debian-postgres')
  const data = join(directory, 'data')
  const remove = (): Promise<void> => rm(directory, {recursive: true, force: true, maxRetries: 5})
  const port = await freePort()
  const url = (name: string, at = port): string =>
    `postgres://${name}:${PASSWORD}@127.0.0.1:${at}/postgres?sslmode=disable`
  try {
    await writeFile(join(directory, 'password'), PASSWORD, {mode: 0o644})
    const cluster = ['-D', data, '-U', 'postgres', '--pwfile', join(directory, 'password'), '-A', 'scram-sha-256']
    const locale = ['--locale=C.UTF-8', '--encoding=UTF8', '--no-sync']
    await promisify(execFile)(program('initdb'), [...cluster, ...locale], {...user, cwd: directory})
    const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const words = ['-D', data, '-p', String(port), ...settings]
    const group = startGroup({command: program('postgres'), arguments: words, directory, user, signal: 'INT'})
    const end = async (): Promise<void> => {
      await group[Symbol.asyncDispose]()
      await remove()
    }
    await answering(group, () => ask(url('postgres'), 'SELECT 1')).catch(async (error: unknown) => {
      await end()
      throw error
    })
    return {version, port, url, [Symbol.asyncDispose]: end}
  } catch (error) {
    await remove()
    throw error
  }
}
