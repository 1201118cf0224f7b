/** Moves rows from one server to the other by COPY, never more of them in memory than the streams hold. */
import {pipeline} from 'node:stream/promises'
import {from, to} from 'pg-copy-streams'
import type {Ms} from '../../../base/units.js'
import type {Session} from '../../../protocols/postgres/session.js'

export interface Pouring {
  readonly source: Session
  readonly copy: Session
  readonly timeoutMs: Ms
  readonly signal: AbortSignal
}

/** Yields how many rows came. As text, which all versions and types share. Rejects with the error of either server, or the signal's reason. */
export async function pour({source, copy, timeoutMs, signal}: Pouring, query: string, into: string): Promise<number> {
  signal.throwIfAborted()
  const [taken, put] = [to(`COPY (${query}) TO STDOUT`), from(`COPY ${into} FROM STDIN`)]
  const sessions = [source, copy]
  try {
    const reading = source.stream(taken, timeoutMs)
    await pipeline(reading, copy.stream(put, timeoutMs), {signal})
    return put.rowCount
  } catch (error) {
    // Half of a COPY is still on the wire: neither session can be used for anything else.
    for (const session of sessions) session.cut()
    signal.throwIfAborted()
    throw error
  }
}
