/** What the server said when it would not do something, as the reason why a design could not be tried. */
import {DatabaseError} from 'pg'
import {isFinal} from '../../../protocols/postgres/trouble.js'

/** The server's own sentence, without its detail, in which values of the data may stand. Rethrows what ended the session. */
export function refusalOf(error: unknown): string {
  if (!(error instanceof DatabaseError) || isFinal(error)) throw error
  return error.message
}
