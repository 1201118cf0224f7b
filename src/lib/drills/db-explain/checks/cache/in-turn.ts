/** Shares out work over some sessions, each of which does one thing at a time. */
import type {Session} from '../../../../protocols/postgres/session.js'

export type InTurn = <Result>(work: (session: Session) => Promise<Result>) => Promise<Result>

export function inTurn(sessions: readonly Session[]): InTurn {
  const seats = sessions.map((session) => ({session, last: Promise.resolve<unknown>(undefined)}))
  let turn = 0
  return (work) => {
    const seat = seats[turn++ % seats.length]
    if (seat === undefined) throw new RangeError('there is no session')
    const done = seat.last.then(() => work(seat.session))
    seat.last = done.catch(() => undefined)
    return done
  }
}
