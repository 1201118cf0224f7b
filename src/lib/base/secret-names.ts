/** Tells by its name whether a header, query parameter or JSON member holds a secret. */

/** A name with one of these words is secret: `db_password`, `accessToken`, `X-Auth-Token`. */
const SECRET_WORDS = new Set(
  'password passwords passwd pwd passphrase secret secrets token tokens jwt bearer credential credentials cookie cookies authorization apikey signature sig requirepass masterauth'.split(
    ' ',
  ),
)

/** `PGPASSWORD`, `authtoken`. */
const SECRET_ENDING = /(?:password|passwd|secret|token)$/

/** `key` alone names many harmless things; after one of these words it is a secret. */
const KEY_OWNERS = new Set('api access private secret signing encryption master account auth license'.split(' '))

/** In a query these are secret on their own too. */
const SECRET_IN_QUERY = new Set(['key', 'auth'])

/** Whether a member or header of this name holds a secret. */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name)
  return (
    words.some((word) => SECRET_WORDS.has(word) || SECRET_ENDING.test(word)) ||
    words.some((word, index) => (word === 'key' || word === 'keys') && KEY_OWNERS.has(words[index - 1] ?? '')) ||
    (words.length === 1 && words[0] === 'auth')
  )
}

/** Whether a query parameter of this name holds a secret; more careful, as URLs are copied about. */
export function isSecretParameter(name: string): boolean {
  return isSecretName(name) || wordsOf(name).some((word) => SECRET_IN_QUERY.has(word))
}

/** `X-Auth-Token`, `accessToken` and `access_token` read alike. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}
