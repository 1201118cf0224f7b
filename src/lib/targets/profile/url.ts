/** Target URLs: what is accepted, and what exactly to type instead of what is not. */
import {UsageError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'

export type TargetUrlKind = 'websocket' | 'http'

const SCHEMES: Readonly<Record<TargetUrlKind, readonly [plain: string, tls: string]>> = {
  websocket: ['ws:', 'wss:'],
  http: ['http:', 'https:'],
}

/** A name, in the ASCII that URL makes of it, or an IP address. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])$/i

const WORDS: Readonly<Record<TargetUrlKind, string>> = {websocket: 'a WebSocket URL', http: 'an HTTP URL'}

/**
 * The URL, when it is a whole one of the expected kind; without a kind, of any. Throws a UsageError that says what to type instead.
 * Secrets in the URL are not repeated in the message.
 */
export function checkTargetUrl(text: string, expected?: TargetUrlKind): URL {
  // A password before '@' is only taken for one behind a scheme.
  const shown = text.includes('://') ? redact(text) : redact(`x://${text}`).slice('x://'.length)
  const allowed = expected ? SCHEMES[expected] : [...SCHEMES.websocket, ...SCHEMES.http]
  checkShape(text, shown, expected ?? 'websocket')
  const scheme = text.slice(0, text.indexOf(':') + 1).toLowerCase()
  if (!allowed.includes(scheme)) throw wrongScheme(shown, scheme, expected)
  checkPort(text, shown)
  const url = parse(text)
  if (!url || !HOST.test(url.hostname))
    throw new UsageError(`'${shown}' is not a URL: its host is not a name or an IP address`)
  if (url.hash !== '') throw new UsageError(`'${shown}' has a part after '#', which is never sent: leave it out`)
  return url
}

/** The same address over HTTP: `ws` becomes `http`, `wss` becomes `https`. */
export function httpUrlOf(url: string): string {
  return url.replace(/^ws(s?):/i, 'http$1:')
}

function checkShape(text: string, shown: string, kind: TargetUrlKind): void {
  if (/\s/.test(text)) throw new UsageError(`'${shown}' is not a URL: it has a space in it`)
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    const [plain, tls] = SCHEMES[kind]
    const scheme = /^(localhost|127\.|\[::1\])/i.test(text) ? plain : tls
    const rest = shown.replace(/^([a-z]+:)?\/+/i, '')
    throw new UsageError(`'${shown}' is not a URL: write ${scheme}//${rest === '' ? 'chat.example' : rest}`)
  }
  if (/^[^:]+:\/\/([^/?#@]*@)?(:\d*)?([/?#]|$)/.test(text))
    throw new UsageError(`'${shown}' has no host: write it like ${SCHEMES[kind][1]}//chat.example`)
}

function wrongScheme(shown: string, scheme: string, expected: TargetUrlKind | undefined): UsageError {
  const kind = expected ?? 'websocket'
  const other = SCHEMES[kind === 'websocket' ? 'http' : 'websocket'].indexOf(scheme)
  if (other < 0) {
    const known = (expected ? SCHEMES[expected] : [...SCHEMES.websocket, ...SCHEMES.http]).map((one) => `${one}//`)
    return new UsageError(`'${shown}' begins with ${scheme}//, which is not known here: ${known.join(', ')}`)
  }
  const instead = (SCHEMES[kind][other] ?? SCHEMES[kind][1]) + shown.slice(scheme.length)
  return new UsageError(`'${shown}' is not ${WORDS[kind]}: write ${instead}`)
}

function checkPort(text: string, shown: string): void {
  const port = /^[^:]+:\/\/[^/?#]*:([^/?#:@\]]*)(?:[/?#]|$)/.exec(text)?.[1]
  if (port === undefined || port === '') return
  const number = Number(port)
  if (!/^\d+$/.test(port) || number < 1 || number > 65_535)
    throw new UsageError(`'${shown}' has port ${port}: a port is a whole number from 1 to 65535`)
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
