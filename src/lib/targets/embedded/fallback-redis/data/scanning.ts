/** The SCAN family: everything in one step, which keeps its promise (what stays throughout is returned) at any COUNT. */
import {globTest} from '../glob.js'
import {bigInteger, integer} from '../numbers.js'
import {ReplyError, SYNTAX, type Value} from '../value.js'
import {at} from './handler.js'

interface ScanOptions {
  readonly matches: (text: string) => boolean
  readonly type: string | undefined
}

/**
 * Reads cursor and options: `0 MATCH a* COUNT 100 TYPE hash`.
 * @throws ReplyError for an option that this command does not know
 */
export function scanOptions(words: readonly string[], withType = false): ScanOptions {
  try {
    bigInteger(at(words, 0))
  } catch (cause) {
    throw new ReplyError('ERR invalid cursor', {cause})
  }
  const options = new Map<string, string>()
  for (let index = 1; index < words.length; index += 2) {
    const name = at(words, index).toUpperCase()
    const value = words[index + 1]
    if (value === undefined || !isOption(name, withType)) throw new ReplyError(SYNTAX)
    options.set(name, value)
  }
  if (integer(options.get('COUNT') ?? '10') < 1) throw new ReplyError(SYNTAX)
  return {matches: globTest(options.get('MATCH') ?? '*'), type: options.get('TYPE')?.toLowerCase()}
}

function isOption(name: string, withType: boolean): boolean {
  return name === 'MATCH' || name === 'COUNT' || (withType && name === 'TYPE')
}

/** The reply: cursor 0, there is no more. */
export function scanned(entries: readonly string[]): Value {
  return ['0', entries]
}
