/** Sessions on our own server, for work that takes as long as it takes, and ends when the run does. */
import {MINUTE, type Ms} from '../../../base/units.js'
import {connect, doorOf} from '../../../protocols/postgres/connect.js'
import type {Session} from '../../../protocols/postgres/session.js'

/** Beyond that, something hangs. */
const PATIENCE: Ms = 60 * MINUTE

/**
 * Hands a session to `work`, and ends it afterwards. When the signal aborts, the session is cut and its reason thrown.
 * @throws what `work` throws
 */
export async function withSession<Outcome>(
  url: string,
  signal: AbortSignal | undefined,
  work: (session: Session) => Promise<Outcome>,
): Promise<Outcome> {
  signal?.throwIfAborted()
  const session = await connect(doorOf(url, {tls: {insecure: false}, timeoutMs: PATIENCE}))
  const cut = (): void => session.cut()
  signal?.addEventListener('abort', cut, {once: true})
  try {
    return await work(session)
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', cut)
    await session.end()
  }
}
