/** A private pgbouncer before a Postgres of a test, which shares one session of each user. */
import {rm, writeFile} from 'node:fs/promises'
import {delimiter, join} from 'node:path'
import {freePort} from '../../src/lib/targets/embedded/ports.js'
import {answering, ask, directoryFor, plainUser} from './debian-postgres.js'
import {programIn, startGroup} from './group.js'

const FOLDERS = ['/usr/sbin', ...(process.env['PATH'] ?? '').split(delimiter)]

export interface Pgbouncer extends AsyncDisposable {
  readonly port: number
}

/** Why there can be none here; undefined when there can. */
export function missingPgbouncer(): string | undefined {
  return programIn(FOLDERS, 'pgbouncer') === undefined ? 'no pgbouncer on PATH' : undefined
}

export interface PgbouncerOrder {
  readonly mode: 'transaction' | 'session'
  /** Of a user, before which server and behind which port. */
  readonly url: (port?: number) => string
}

/** @throws Error with its last words when it does not start */
export async function startPgbouncer({mode, url}: PgbouncerOrder): Promise<Pgbouncer> {
  const user = plainUser()
  const directory = await directoryFor(user, 'pgbouncer')
  const port = await freePort()
  const {username, password, port: server} = new URL(url())
  await writeFile(join(directory, 'users'), `"${username}" "${password}"\n`)
  await writeFile(
    join(directory, 'pgbouncer.ini'),
    `[databases]
* = host=127.0.0.1 port=${server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${join(directory, 'users')}
pool_mode = ${mode}
default_pool_size = 1
`,
  )
  const command = programIn(FOLDERS, 'pgbouncer') ?? ''
  const group = startGroup({command, arguments: [join(directory, 'pgbouncer.ini')], directory, user, signal: 'TERM'})
  const end = async (): Promise<void> => {
    await group[Symbol.asyncDispose]()
    await rm(directory, {recursive: true, force: true})
  }
  try {
    await answering(group, () => ask(url(port), 'SELECT 1'))
  } catch (error) {
    await end()
    throw error
  }
  return {port, [Symbol.asyncDispose]: end}
}
