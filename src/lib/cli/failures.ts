/** Turns anything thrown into what is shown: oclif's own errors lose the parser's config, and everything else keeps its meaning. */
import {ProofloadError} from '../base/errors.js'
import {nearest} from '../base/nearest.js'
import type {Failure} from '../report/failure.js'
import {EXIT, exitCodeFor} from './exit-codes.js'

export interface Typed {
  /** What was typed before the flags: `proofload ws-flood`. */
  readonly command: string
  /** Long names of the flags that exist there. */
  readonly flags: readonly string[]
}

/** `debug` asks for the stack of a bug. */
export function toFailure(error: unknown, typed: Typed, debug: boolean): Failure {
  const known = firstOfOurs(error)
  if (known !== undefined) return {...known.described, stack: undefined}
  if (isFromParser(error)) return fromParser(error, typed)
  const bug = error instanceof Error ? error : new Error(String(error))
  return {
    code: 'bug',
    message: bug.message === '' ? bug.name : bug.message,
    hint: debug ? undefined : 'this is a bug of proofload: run it again with DEBUG=1 and report what it prints',
    exitCode: EXIT.bug,
    stack: debug ? stackOf(bug) : undefined,
  }
}

/** Several things may have gone wrong at once; the first that we threw on purpose says most. */
function firstOfOurs(error: unknown): {described: Omit<Failure, 'stack'>} | undefined {
  if (error instanceof ProofloadError) {
    const {code, message, hint} = error
    return {described: {code, message, hint, exitCode: exitCodeFor(error)}}
  }
  if (!(error instanceof AggregateError)) return undefined
  return error.errors.map(firstOfOurs).find((found) => found !== undefined)
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}

/** Errors of oclif's parser: CLIError and those made of it. */
interface ParserError extends Error {
  readonly oclif: object
  /** Of flags that do not exist. */
  readonly flags?: readonly string[]
  /** Of arguments that nobody expects. */
  readonly args?: unknown
}

function isFromParser(error: unknown): error is ParserError {
  return error instanceof Error && 'oclif' in error && typeof error.oclif === 'object'
}

function fromParser(error: ParserError, {command, flags}: Typed): Failure {
  const help = `see ${command} --help`
  const failure = (message: string): Failure => ({
    code: 'usage',
    message,
    hint: help,
    exitCode: EXIT.usage,
    stack: undefined,
  })
  const [unknown] = error.flags ?? []
  if (unknown !== undefined) {
    const meant = nearest(unknown.replace(/^-+/, '').replace(/=.*$/s, ''), flags)
    return failure(
      meant === undefined ? `unknown flag ${unknown}` : `unknown flag ${unknown}, did you mean --${meant}?`,
    )
  }
  // A word after a command is looked for as a command of its own first.
  const argument = /^command \S+:(\S+) not found$/.exec(error.message)?.[1]
  if (argument !== undefined) return failure(`unexpected argument '${argument}'`)
  const text = error.message
    .replace(/\nSee more help with --help/, '')
    .replace(/^(The following errors? occurred:)\s*/, '')
  return failure(text.charAt(0).toLowerCase() + text.slice(1))
}
