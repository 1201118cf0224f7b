/** Takes secrets out of whatever is about to be shown or written: URLs, headers, tokens and keys. */
import {isSecretName, isSecretParameter} from './secret-names.js'

const MASK = '***'

type Rule = (text: string) => string

/** Each rule looks for one shape of secret; the order matters only in that whole lines go first. */
const RULES: readonly Rule[] = [
  privateKeys,
  headers,
  quotedMembers,
  escapedMembers,
  userInfo,
  userInfoWithSlash,
  queryValues,
  assignments,
  credentials,
  jsonWebTokens,
]

/** The text without its secrets; what is redacted already stays as it is. */
export function redact(text: string): string {
  return RULES.reduce((redacted, rule) => rule(redacted), text)
}

/** The JSON tree without its secrets: by the names of its members, and inside every text. Numbers are only hidden where they are a password. */
export function redactDeep<Tree>(tree: Tree): Tree {
  return redactedTree(tree) as Tree
}

function redactedTree(tree: unknown): unknown {
  if (typeof tree === 'string') return redact(tree)
  if (Array.isArray(tree)) return tree.map(redactedTree)
  if (!isPlain(tree)) return tree
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [redact(name), redactedMember(name, value)]))
}

/** Under a secret name texts are hidden; objects are walked, as `auth` and `tokens_refreshed` may also head a section or a metric. */
function redactedMember(name: string, value: unknown): unknown {
  if (!isSecretName(name)) return redactedTree(value)
  if (typeof value === 'string') return value === '' ? '' : MASK
  if (typeof value === 'number' && /^(password|passwd|pwd|passphrase|secret|token)$/i.test(name)) return MASK
  if (Array.isArray(value)) return value.map((item: unknown) => (typeof item === 'string' ? MASK : redactedTree(item)))
  return redactedTree(value)
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function privateKeys(text: string): string {
  return text.replaceAll(/(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(-----END|$)/g, `$1${MASK}$2`)
}

/** `Authorization: Basic abc` up to the end of the line, as some values hold spaces, quotes and commas; quoted values up to their quote. */
function headers(text: string): string {
  const header =
    /(?<![\w-])((?:proxy-)?authorization|(?:set-)?cookie2?|x-[\w-]{0,40}(?:token|key|secret|auth)[\w-]{0,40})(\s*[:=]\s*)(?!["'\\\s=])[^\r\n]+/gi
  return text.replaceAll(header, `$1$2${MASK}`)
}

/** `"password": "abc"`, as JSON and as Node's inspect write it. */
function quotedMembers(text: string): string {
  const member = /(?<![\w.-])([\w.-]+)(["']?\s*:\s*["'])(?:(?<=")(?:[^"\\]|\\.)*(?=")|(?<=')(?:[^'\\]|\\.)*(?='))/g
  return text.replaceAll(member, maskedMember)
}

/** `\"password\":\"abc\"`, which is JSON inside of JSON. */
function escapedMembers(text: string): string {
  return text.replaceAll(/(?<![\w.-])([\w.-]+)(\\"\s*:\s*\\")(?:\\\\\\"|[^\\]|\\(?!"))*(?=\\")/g, maskedMember)
}

function maskedMember(whole: string, name: string, between: string): string {
  return isSecretName(name) ? `${name}${between}${MASK}` : whole
}

/** `redis://user:abc@host`; a name without a password stays, unless it is so long that it must be a token. */
function userInfo(text: string): string {
  return text.replaceAll(/(?<=:\/\/)([^\s:@/?#]*)(:?)([^\s/?#]*)@/g, (whole, user: string, colon: string) => {
    if (colon !== '') return `${user}:${MASK}@`
    return user.length >= 20 ? `${MASK}@` : whole
  })
}

/** `postgres://user:a/b@host` is no URL, but is what people type, and what an error then quotes; `host:5432/a@b` is one. */
function userInfoWithSlash(text: string): string {
  const passwordUpToLastAt = /^([^:@/?#[\]]*):(?!\*\*\*@)(?!\d{1,5}(?:[/?#]|$)).*@/
  // A run is taken whole and then cut into its URLs, as a search from each URL to the last @ would take quadratic time.
  return text.replaceAll(/(?<=:\/\/)[^\s'"<>]+/g, (run) =>
    run
      .split('://')
      .map((url) => url.replace(passwordUpToLastAt, `$1:${MASK}@`))
      .join('://'),
  )
}

/** `?token=abc`, and `#access_token=abc` as OAuth returns it. */
function queryValues(text: string): string {
  return text.replaceAll(/(?<=[?&#])([^=&\s?#'"]+)=([^&\s#'"<>]+)/g, (whole, name: string) =>
    isSecretParameter(name) ? `${name}=${MASK}` : whole,
  )
}

/** `password=abc` as in a connection string or an environment; a comparison such as `tokens==0` is none. */
function assignments(text: string): string {
  const assignment = /(?<![\w.-])([\w.-]+)=(?!\*\*\*(?:[&#\s]|$))("[^"\r\n]*"|'[^'\r\n]*'|[^\s=&'"][^\s&'"]*)/g
  return text.replaceAll(assignment, (whole, name: string) => (isSecretName(name) ? `${name}=${MASK}` : whole))
}

/** `Bearer abc1`, `Basic abc=`; but not `Bearer token` or `Basic authentication`, where words follow. */
function credentials(text: string): string {
  return text.replaceAll(
    /\b(bearer|basic|digest)(\s+)([\w.~+/=-]{8,})/gi,
    (whole, scheme: string, space: string, value: string) =>
      /[^a-z-]/.test(value) || value.length >= 20 ? `${scheme}${space}${MASK}` : whole,
  )
}

/** Three parts in base64url, of which the first starts as `{"` does. */
function jsonWebTokens(text: string): string {
  return text.replaceAll(/\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*){0,3}/g, MASK)
}
