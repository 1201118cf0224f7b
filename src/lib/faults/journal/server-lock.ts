/** A lock on a disturbed server itself, so that other machines see it too; gone from there when its holder is. */
import {UsageError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'

export interface ServerLock {
  /** The last fault will be over in `length`: from now on it need not be refreshed. Never rejects. */
  lastFor(length: Ms): Promise<void>
  /** Never rejects. */
  release(): Promise<void>
}

/** Says who holds a server that another machine may be disturbing. */
export function heldElsewhere(server: string, holder: string, hint: string): UsageError {
  return new UsageError(`${server} is disturbed by another run: ${holder}`, {hint})
}
