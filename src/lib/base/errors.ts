/** Errors that say what happened, why, and what to try; each kind knows the exit code of DESIGN 6. */

export interface ErrorDetails {
  /** One line: what the user can try. */
  readonly hint?: string
  readonly cause?: unknown
}

/** Base of every error that we throw on purpose; anything else is a bug of ours (exit 1). */
export abstract class ProofloadError extends Error {
  abstract readonly exitCode: number
  abstract readonly code: string
  readonly hint: string | undefined

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : {cause: details.cause})
    this.name = new.target.name
    this.hint = details.hint
  }
}

/** What was typed or configured makes no sense, or is not allowed; nothing was sent. */
export class UsageError extends ProofloadError {
  readonly exitCode = 2
  readonly code: string = 'usage'
}

/** The target cannot be used: unreachable, credentials refused, not found, another protocol than the one named. */
export class TargetError extends ProofloadError {
  readonly exitCode = 69
  readonly code: string = 'target'
}
