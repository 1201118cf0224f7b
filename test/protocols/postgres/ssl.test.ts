/** The sslmode of a URL means what it means to libpq, shown on a Postgres with TLS and on one without. */
import {mkdtempSync, copyFileSync, chmodSync, chownSync, readFileSync, rmSync} from 'node:fs'
import {execFileSync} from 'node:child_process'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {connect, doorOf} from '../../../src/lib/protocols/postgres/connect.js'
import {reasonOf} from '../../../src/lib/protocols/postgres/trouble.js'
import type {Certificates} from '../../../src/lib/protocols/tls.js'
import {startPostgres, type PostgresService} from '../../../src/lib/targets/embedded/postgres.js'

const pathOf = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url))
const ca = readFileSync(pathOf('ca.pem'), 'utf8')
const otherCa = readFileSync(pathOf('other-ca.pem'), 'utf8')

let directory: string
let secure: PostgresService
let plain: PostgresService

/** Postgres takes a key only from its own user, and the server runs as `postgres` where we are root. */
function ownKeys(): Record<string, string> {
  directory = mkdtempSync(join(tmpdir(), 'proofload-tls-'))
  chmodSync(directory, 0o755)
  const owner =
    process.getuid?.() === 0 ? Number(execFileSync('id', ['-u', 'postgres'], {encoding: 'utf8'})) : undefined
  for (const name of ['server.pem', 'server.key']) {
    copyFileSync(pathOf(name), join(directory, name))
    chmodSync(join(directory, name), 0o600)
    if (owner !== undefined) chownSync(join(directory, name), owner, owner)
  }
  return {ssl: 'on', ssl_cert_file: join(directory, 'server.pem'), ssl_key_file: join(directory, 'server.key')}
}

beforeAll(async () => {
  plain = await startPostgres()
  secure = await startPostgres({settings: ownKeys()})
})

afterAll(async () => {
  await Promise.all([plain, secure].map((service) => service[Symbol.asyncDispose]()))
  rmSync(directory, {recursive: true})
})

/** `tls`, `plain`, or the reason why not. */
async function ask(url: string, parameters: string, certificates: Partial<Certificates> = {}): Promise<string> {
  const tls = {insecure: false, ...certificates}
  const text = url.replace('?sslmode=disable', parameters)
  try {
    const session = await connect(doorOf(text, {tls, timeoutMs: 3000, shard: 0}))
    const [row] = await session.ask<{ssl: boolean}>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    await session.end()
    return row?.ssl === true ? 'tls' : 'plain'
  } catch (error) {
    return reasonOf(error)
  }
}

describe('on a Postgres with TLS', () => {
  test.each<[string, string, Partial<Certificates>, string]>([
    ['nothing goes without', '', {}, 'plain'],
    ['our authority alone asks for it', '', {ca}, 'tls'],
    ['disable goes without, whatever is given', '?sslmode=disable', {ca}, 'plain'],
    ['prefer goes with it unproven', '?sslmode=prefer', {}, 'tls'],
    ['require goes with it unproven', '?sslmode=require', {}, 'tls'],
    [
      'require proves the authority where one is given',
      '?sslmode=require',
      {ca: otherCa},
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    ['verify-ca refuses an unknown authority', '?sslmode=verify-ca', {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['verify-ca takes the known one', '?sslmode=verify-ca', {ca}, 'tls'],
    ['verify-full takes the known one', `?sslmode=verify-full&sslrootcert=${pathOf('ca.pem')}`, {}, 'tls'],
    ['insecure takes any', '?sslmode=verify-full', {insecure: true}, 'tls'],
  ])('%s', async (_what, parameters, certificates, seen) => {
    expect(await ask(secure.url, parameters, certificates)).toBe(seen)
  })
})

describe('on a Postgres without TLS', () => {
  test('prefer goes without', async () => {
    expect(await ask(plain.url, '?sslmode=prefer')).toBe('plain')
  })

  test('require does not', async () => {
    expect(await ask(plain.url, '?sslmode=require')).toBe('no TLS')
  })
})

describe('a URL that makes no sense', () => {
  test.each([
    ['another protocol', 'mysql://u:hunter2@h/d', /shard 1 is none/],
    ['no URL', 'hunter2', /shard 1 is none/],
    ['an unknown mode', 'postgres://u:hunter2@h/d?sslmode=hunter2', /sslmode/],
    [
      'a file that is not there',
      'postgres://u:hunter2@h/d?sslmode=require&sslrootcert=/nowhere/ca.pem',
      /sslrootcert .*\/nowhere/,
    ],
  ])('is refused: %s', (_what, url, words) => {
    const open = () => doorOf(url, {tls: {insecure: false}, timeoutMs: 1000, shard: 0})
    expect(open).toThrow(UsageError)
    expect(open).toThrow(words)
    expect(open).not.toThrow('hunter2')
  })
})
