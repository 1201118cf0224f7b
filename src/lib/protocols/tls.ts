/** TLS as every client of ours speaks it: one context for all connections of a process, and what its errors mean. */
import {X509Certificate} from 'node:crypto'
import {isIP} from 'node:net'
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type ConnectionOptions,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import {UsageError} from '../base/errors.js'

/** PEM texts. */
export interface Certificates {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** Accept any certificate. */
  readonly insecure: boolean
}

/** For node:tls, ws and undici alike. */
export interface TlsOptions {
  readonly secureContext: SecureContext
  readonly rejectUnauthorized: boolean
}

/**
 * Reads the certificates once for all connections: a context of its own would cost each of them about 25 KB and a millisecond.
 * Throws a UsageError when certificate and key do not fit together; the reason quotes nothing of them.
 */
export function tlsOptions({ca, cert, key, insecure}: Certificates): TlsOptions {
  try {
    // A context takes what is no certificate for an empty list.
    if (ca !== undefined) new X509Certificate(ca)
    const secureContext = createSecureContext({
      ...(ca === undefined ? {} : {ca}),
      ...(cert === undefined ? {} : {cert}),
      ...(key === undefined ? {} : {key}),
    })
    return {secureContext, rejectUnauthorized: !insecure}
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given'
    throw new UsageError(`the certificates cannot be used (${code})`, {
      hint: 'check that --key is the key of --cert, without a passphrase, and that --ca holds certificates in PEM',
    })
  }
}

/**
 * Opens a TLS connection as node:tls does, for a third less of our own CPU: Node unfolds the peer's whole certificate into an object only
 * to compare its names (0.6 ms), where OpenSSL tells in microseconds that they fit. When they do not, Node's own check has the word.
 */
export function connectTls(options: ConnectionOptions & {readonly host?: string}): TLSSocket {
  const {host = ''} = options
  const servername = options.servername ?? (isIP(host) === 0 ? host : '')
  const socket: TLSSocket = connect({
    ...options,
    servername,
    path: undefined,
    checkServerIdentity: (name) => identityError(name, socket.getPeerX509Certificate()),
  })
  socket.getPeerCertificate = nothingUnfolded
  return socket
}

function identityError(name: string, certificate: X509Certificate | undefined): Error | undefined {
  const fitting = isIP(name) === 0 ? certificate?.checkHost(name) : certificate?.checkIP(name)
  if (fitting !== undefined) return undefined
  return checkServerIdentity(name, (certificate?.toLegacyObject() ?? {}) as PeerCertificate)
}

/** Node asks for the certificate before it asks for the check, which then does without it. */
function nothingUnfolded(): DetailedPeerCertificate {
  return {} as DetailedPeerCertificate
}

const UNKNOWN_AUTHORITY =
  "its certificate is not signed by an authority that is known here: give that authority's certificate with --ca, or accept any with --insecure"
const NO_CLIENT_CERTIFICATE =
  'the server asks for a certificate of ours, or does not know its authority: give one with --cert and --key'
const NO_TLS = 'there is no TLS behind that port: write ws:// or http:// in place of wss:// or https://'

const HINTS: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it, or accept any with --insecure',
  CERT_NOT_YET_VALID: "its certificate is not valid yet: check this machine's clock, or accept any with --insecure",
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for other names: use a name that stands in it, or accept any with --insecure',
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  EPROTO: NO_TLS,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: NO_CLIENT_CERTIFICATE,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: NO_CLIENT_CERTIFICATE,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: NO_CLIENT_CERTIFICATE,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: `${NO_CLIENT_CERTIFICATE}; or the two sides share no cipher`,
}

/** What to do about an error code of TLS; undefined for any other code. */
export function tlsHint(code: string): string | undefined {
  return Object.hasOwn(HINTS, code) ? HINTS[code] : undefined
}
