/** What a Postgres URL and our certificates say about TLS, with the meanings that libpq gives to `sslmode`. */
import {readFileSync} from 'node:fs'
import type {ConnectionOptions} from 'node:tls'
import {UsageError} from '../../base/errors.js'
import {tlsOptions, type Certificates} from '../tls.js'

/**
 * What each mode proves of the server.
 * Source: https://www.postgresql.org/docs/17/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS; `no-verify` is node-postgres's own.
 */
const MODES = {
  disable: 'plain',
  allow: 'nothing',
  prefer: 'nothing',
  require: 'authority if given',
  'no-verify': 'nothing',
  'verify-ca': 'authority',
  'verify-full': 'name',
} as const

type Mode = keyof typeof MODES

/** Read here and not by node-postgres, which gives them other meanings and warns about it on stderr. */
export const SSL_PARAMETERS = ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'uselibpqcompat'] as const

export interface Ssl {
  /** Undefined: as PGSSLMODE says, else without TLS. */
  readonly ssl: false | ConnectionOptions | undefined
  /** Without TLS where the server has none. */
  readonly orPlain: boolean
}

/** Throws a UsageError for an unknown mode, and for certificates that cannot be used. */
export function sslOf(parameters: URLSearchParams, given: Certificates): Ssl {
  const mode = modeOf(parameters)
  const certificates = withFiles(parameters, given)
  const asked = [certificates.ca, certificates.cert, certificates.key].some((text) => text !== undefined)
  if (mode === undefined && !asked) return {ssl: undefined, orPlain: false}
  const proof = mode === undefined ? 'name' : MODES[mode]
  if (proof === 'plain') return {ssl: false, orPlain: false}
  const lax = proof === 'nothing' || (proof === 'authority if given' && certificates.ca === undefined)
  const options: ConnectionOptions = {...tlsOptions({...certificates, insecure: given.insecure || lax})}
  if (proof !== 'name') options.checkServerIdentity = () => undefined
  return {ssl: options, orPlain: mode === 'prefer' || mode === 'allow'}
}

function modeOf(parameters: URLSearchParams): Mode | undefined {
  const text = parameters.get('sslmode')
  if (text === null) return /^(true|1)$/.test(parameters.get('ssl') ?? '') ? 'verify-full' : undefined
  if (Object.hasOwn(MODES, text)) return text as Mode
  throw new UsageError('the sslmode in the Postgres URL is none', {
    hint: `write one of ${Object.keys(MODES).join(', ')}`,
  })
}

/** Our own flags win over the files that the URL names. */
function withFiles(parameters: URLSearchParams, given: Certificates): Certificates {
  const root = parameters.get('sslrootcert')
  return {
    ca: given.ca ?? fileOf('sslrootcert', root === 'system' ? null : root),
    cert: given.cert ?? fileOf('sslcert', parameters.get('sslcert')),
    key: given.key ?? fileOf('sslkey', parameters.get('sslkey')),
    insecure: given.insecure,
  }
}

function fileOf(name: string, path: string | null): string | undefined {
  if (path === null || path === '') return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UsageError(`the ${name} of the Postgres URL cannot be read: ${path}`, {cause})
  }
}
