/** Readers for flags: each turns text into a value, or throws a UsageError of one line. */
import {UsageError} from '../../base/errors.js'
import {didYouMean} from '../../base/nearest.js'
import {parseCount, parseDuration, parseRate, parseShare, parseSize} from '../../base/parse-units.js'
import {parseThreshold} from '../../verdict/threshold-parser.js'
import type {Read} from './option.js'

export const text: Read<string> = (given, name) => {
  if (given.trim() === '') throw new UsageError(`${name}: must not be empty`)
  return given
}

/** More than none. */
export const duration: Read<number> = (given, name) => parseDuration(given, {name, positive: true})
export const count: Read<number> = (given, name) => parseCount(given, {name, positive: true})
export const rate: Read<number> = (given, name) => parseRate(given, {name, positive: true})
export const share: Read<number> = (given, name) => parseShare(given, {name, positive: true})
export const size: Read<number> = (given, name) => parseSize(given, {name, positive: true})

/** None at all is fine. */
export const lengthOrNone: Read<number> = (given, name) => parseDuration(given, {name})

/** The text stays text, as what it means depends on the drill; its grammar is checked here. */
export const threshold: Read<string> = (given) => {
  parseThreshold(given)
  return given
}

export interface Header {
  readonly name: string
  readonly value: string
}

/** `Name: value`, by the grammar of RFC 9110; the value is not repeated in messages, as it may be a secret. */
export const header: Read<Header> = (given, name) => {
  const parts = /^(?<name>[!#$%&'*+.^`|~\w-]+):[ \t]*(?<value>[\t\x20-\x7e\x80-\xff]*)$/.exec(given)?.groups
  if (parts === undefined) throw new UsageError(`${name}: expected a header such as 'Authorization: Bearer abc'`)
  return {name: parts['name'] ?? '', value: (parts['value'] ?? '').trim()}
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Read<Word> {
  return (given, name) => {
    const word = words.find((known) => known === given)
    if (word === undefined) throw new UsageError(`${name}: unknown value '${given}', ${didYouMean(given, words)}`)
    return word
  }
}
