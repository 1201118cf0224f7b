/** Templates over a virtual user, for claims and for login requests. */
import {compileTemplate, type Template} from '../../protocols/template.js'

/** What claims and login requests may name. */
export const USER_NAMES: readonly string[] = ['n', 'user', 'run']

/** What login requests may name when there is a file of accounts. */
export const ACCOUNT_NAMES: readonly string[] = [...USER_NAMES, 'password']

/**
 * A JSON value as a template whose `fillJson` gives JSON text. Every text in it may hold names; `"{{n:number}}"` alone becomes a number.
 * Throws a UsageError for a name that is not allowed.
 */
export function compileJsonTemplate(value: unknown, names: readonly string[]): Template {
  return compileTemplate(JSON.stringify(value).replace(/"\{\{\s*n\s*:\s*number\s*\}\}"/g, '{{n:raw}}'), names)
}
