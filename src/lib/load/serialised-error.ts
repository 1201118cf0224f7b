/** Errors on their way between processes: the kind and the hint survive. */
import {ProofloadError, TargetError, UsageError} from '../base/errors.js'
import type {SerialisedError} from './messages.js'

export function serialise(error: unknown): SerialisedError {
  if (error instanceof ProofloadError) {
    return {message: error.message, stack: error.stack, code: error.code, hint: error.hint}
  }
  const known = error instanceof Error ? error : new Error(String(error))
  return {message: known.message, stack: known.stack, code: undefined, hint: undefined}
}

export function revive({message, stack, code, hint}: SerialisedError): Error {
  const details = hint === undefined ? {} : {hint}
  if (code === 'target') return new TargetError(message, details)
  if (code === 'usage') return new UsageError(message, details)
  const error = new Error(message)
  if (stack !== undefined) error.stack = stack
  return error
}
