/** Asks a target inside one transaction that cannot write and is rolled back, whatever happens. */
import type {Session} from '../../../../protocols/postgres/session.js'

/** One transaction, because a pooler gives each its own server session. The session must not be inside one already. */
export async function readOnly<Answer>(session: Session, work: () => Promise<Answer>): Promise<Answer> {
  await session.run('BEGIN READ ONLY')
  try {
    return await work()
  } finally {
    if (session.isOpen) await session.run('ROLLBACK')
  }
}

/** A failure leaves the transaction usable; rejects with what `work` rejects with. */
export async function attempt<Answer>(session: Session, work: () => Promise<Answer>): Promise<Answer> {
  await session.run('SAVEPOINT proofload_attempt')
  try {
    const answer = await work()
    await session.run('RELEASE SAVEPOINT proofload_attempt')
    return answer
  } catch (error) {
    // The statement that failed may have ended the session.
    if (session.isOpen)
      await session.run('ROLLBACK TO SAVEPOINT proofload_attempt; RELEASE SAVEPOINT proofload_attempt')
    throw error
  }
}
