/** Builds flags whose text is parsed at the door; one parser serves the command line, the environment and the config file. */
import type {Interfaces} from '@oclif/core'

/** Turns text into a value. Throws a UsageError; `name` says where the text stood, for its message. */
export type Read<Value> = (text: string, name: string) => Value

/** A flag with a value. To oclif it is plain text: our own resolver reads it, as only that knows environment and config file. */
export interface Option<Value> extends Interfaces.OptionFlag<string | undefined> {
  readonly read: Read<unknown>
  /** Never set: remembers the type of the value. */
  readonly yields?: Value
}

/** A flag that is there or not. */
export type Toggle = Interfaces.BooleanFlag<boolean> & {readonly read?: undefined}

export type AnyFlag = Option<unknown> | Toggle
export type FlagSet = Readonly<Record<string, AnyFlag>>

/** The values that a set of flags yields. */
export type Values<Flags> = {
  readonly [Name in keyof Flags]: Flags[Name] extends Toggle
    ? boolean
    : Flags[Name] extends {readonly yields?: infer Value}
      ? Value
      : never
}

interface About {
  /** One line for help. */
  readonly summary: string
  /** What stands for the value in help, in capitals. */
  readonly value: string
  /** A default, as one would type it. */
  readonly usual?: string
  readonly char?: 't' | 'q'
  /** Headline in help; without it the flag is the command's own. */
  readonly group?: string
}

/** A flag with one value; without a default it may be undefined. */
export function option<Value>(read: Read<Value>, about: About & {readonly usual: string}): Option<Value>
export function option<Value>(read: Read<Value>, about: About): Option<Value | undefined>
export function option<Value>(read: Read<Value>, about: About): Option<Value | undefined> {
  return {...described(about), ...valued(read, about), multiple: false}
}

/** A flag that may be given several times. */
export function repeated<Value>(read: Read<Value>, about: About): Option<readonly Value[]> {
  return {...described(about), ...valued(read, about), multiple: true, multipleNonGreedy: true}
}

export function toggle(about: Omit<About, 'value' | 'usual'>): Toggle {
  return {...described(about), type: 'boolean', allowNo: false, parse: (given) => Promise.resolve(given)}
}

function described({summary, char, group}: Pick<About, 'summary' | 'char' | 'group'>) {
  return {name: '', summary, ...(char === undefined ? {} : {char}), ...(group === undefined ? {} : {helpGroup: group})}
}

function valued<Value>(read: Read<Value>, {value, usual}: About) {
  return {
    type: 'option' as const,
    input: [],
    parse: (text: string) => Promise.resolve(text),
    read,
    helpValue: value,
    ...(usual === undefined ? {} : {default: usual}),
  }
}
