/** Makes objects that may need each other: what fails is tried again after the others, until nothing more succeeds. */
import {DatabaseError} from 'pg'
import type {Session} from '../../../protocols/postgres/session.js'

export interface Making {
  /** `view app.totals`. */
  readonly what: string
  readonly sql: string
}

export interface Failure {
  readonly making: Making
  /** The server's last word. */
  readonly why: string
}

/** Yields those that cannot be made. */
export async function makeAll(session: Session, makings: readonly Making[]): Promise<readonly Failure[]> {
  let left = makings
  for (;;) {
    const failed: Failure[] = []
    for (const making of left) {
      const why = await failureOf(session, making.sql)
      if (why !== undefined) failed.push({making, why})
    }
    if (failed.length === 0 || failed.length === left.length) return failed
    left = failed.map(({making}) => making)
  }
}

/** The primary message alone: details may carry values. */
async function failureOf(session: Session, sql: string): Promise<string | undefined> {
  try {
    await session.run(sql)
    return undefined
  } catch (error) {
    if (error instanceof DatabaseError && session.isOpen) return error.message
    throw error
  }
}
