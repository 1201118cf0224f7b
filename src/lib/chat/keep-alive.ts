/** Keeps connections alive, each in its turn. */
import type {Ms} from '../base/units.js'
import type {ChatConnection} from '../protocols/chat-connection.js'
import type {Dialect} from '../protocols/websocket/dialect.js'

/** As the protocol file says; at least this often, by its frame or else by a WebSocket ping; or never. */
export type KeepAlive = 'protocol' | 'never' | Ms

const SWEEP_EVERY: Ms = 1000

export class KeepAlives {
  /** How often `sweep` is to be called. */
  readonly sweepEveryMs: Ms
  readonly #dialect: Dialect
  /** Sweeps until every connection had its turn; 0 where none is kept alive. */
  readonly #turns: number
  #sweeps = 0

  constructor(keepAlive: KeepAlive, dialect: Dialect) {
    const paceMs = paceOf(keepAlive, dialect)
    this.#dialect = dialect
    this.sweepEveryMs = Math.min(SWEEP_EVERY, paceMs / 2)
    this.#turns = paceMs === Infinity ? 0 : Math.floor(paceMs / this.sweepEveryMs)
  }

  sweep(connections: Iterable<readonly [user: number, connection: ChatConnection]>): void {
    if (this.#turns === 0) return
    const turn = this.#sweeps++ % this.#turns
    for (const [user, connection] of connections) if (user % this.#turns === turn) this.#keepAlive(connection)
  }

  #keepAlive(connection: ChatConnection): void {
    if (this.#dialect.keepAlive) connection.keepAlive()
    else if (connection.stage === 'entering' || connection.stage === 'in') connection.ping()
  }
}

/** Infinity: never. */
function paceOf(keepAlive: KeepAlive, {keepAlive: own}: Dialect): Ms {
  if (keepAlive === 'never') return Infinity
  const ownMs = own?.everyMs ?? Infinity
  return keepAlive === 'protocol' ? ownMs : Math.min(ownMs, keepAlive)
}
