/** Finds each flag's value: the command line stands above the environment, that above the config file, and that above the default. */
import {UsageError} from '../base/errors.js'
import type {Setting, Settings} from './config-file.js'
import type {AnyFlag, FlagSet, Option, Values} from './flags/option.js'

/** Where values come from, beside the defaults. */
export interface Sources {
  /** What was typed, by flag name; only of those that were given. */
  readonly typed: Readonly<Record<string, string | readonly string[] | boolean>>
  readonly environment: NodeJS.ProcessEnv
  readonly settings: Settings
}

/** `connect-rate` → `PROOFLOAD_CONNECT_RATE` */
export function environmentName(flag: string): string {
  return `PROOFLOAD_${flag.replaceAll('-', '_').toUpperCase()}`
}

/** Throws a UsageError that names the place of the first wrong value. */
export function resolveFlags<Flags extends FlagSet>(flags: Flags, sources: Sources): Values<Flags> {
  const values = Object.entries(flags).map(([name, flag]) => [name, valueOf(name, flag, sources)] as const)
  return Object.freeze(Object.fromEntries(values)) as Values<Flags>
}

function valueOf(name: string, flag: AnyFlag, {typed, environment, settings}: Sources): unknown {
  const given = typed[name]
  if (given !== undefined) return typeof given === 'boolean' ? given : readAll(flag, given, `--${name}`)
  const variable = environmentName(name)
  const fromEnvironment = environment[variable]
  if (fromEnvironment) return fromText(flag, fromEnvironment, variable)
  const setting = settings.get(name)
  if (setting !== undefined) return fromSetting(flag, setting)
  if (flag.type === 'boolean') return false
  if (typeof flag.default === 'string') return read(flag, flag.default, `--${name}`)
  return flag.multiple === true ? [] : undefined
}

/** Several values stand on lines of their own. */
function fromText(flag: AnyFlag, text: string, where: string): unknown {
  if (flag.type === 'boolean') return yesOrNo(text, where)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return readAll(flag, flag.multiple === true ? lines : text, where)
}

function fromSetting(flag: AnyFlag, {value, where}: Setting): unknown {
  if (flag.type === 'boolean') return yesOrNo(scalar(value, where), where)
  if (!Array.isArray(value)) return readAll(flag, scalar(value, where), where)
  if (flag.multiple !== true) throw new UsageError(`${where}: expected one value, not a list`)
  return readAll(
    flag,
    value.map((item) => scalar(item, where)),
    where,
  )
}

function scalar(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new UsageError(
    `${where}: expected a text or a number${value === null ? ', found nothing' : '; put it in quotes'}`,
  )
}

function readAll(flag: AnyFlag, given: string | readonly string[], where: string): unknown {
  if (flag.type === 'boolean') return true
  const texts = typeof given === 'string' ? [given] : given
  const values = texts.map((text) => read(flag, text, where))
  return flag.multiple === true ? values : values.at(-1)
}

/** A reader's complaint always says where the text stood. */
function read(flag: Option<unknown>, text: string, where: string): unknown {
  try {
    return flag.read(text, where)
  } catch (error) {
    if (!(error instanceof UsageError) || error.message.startsWith(where)) throw error
    throw new UsageError(`${where}: ${error.message}`, {
      cause: error,
      ...(error.hint === undefined ? {} : {hint: error.hint}),
    })
  }
}

const YES = ['true', '1', 'yes', 'on']
const NO = ['false', '0', 'no', 'off']

export function yesOrNo(text: string, where: string): boolean {
  const word = text.trim().toLowerCase()
  if (YES.includes(word)) return true
  if (NO.includes(word)) return false
  throw new UsageError(`${where}: expected true or false, got '${text}'`)
}
