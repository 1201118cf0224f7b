/** What every way of getting tokens offers to the load, and what it is told. */
import type {buildConnector} from 'undici'
import type {Clock} from '../../base/clock.js'

export interface TokenSource {
  /** What virtual user n, from 0, is called: from the accounts where there are any, else from the profile's `names.user`. */
  user(n: number): string
  /** The token of virtual user n, from 0; empty for mode none. A promise for logins only; it rejects with a TargetError when the target refuses. */
  token(n: number): string | Promise<string>
  /** Whether the token is at hand: false when it takes a login, for the first time or because it has run out. */
  fresh(n: number): boolean
  /** Closes connections that were kept for logins. */
  close(): Promise<void>
}

export interface TokenContext {
  /** Virtual users of the whole run: a file must have a line for each. */
  readonly users: number
  readonly run: string
  /** The profile's `names.user`. */
  readonly userName: string
  readonly clock: Clock
  /** Where a login path such as /login belongs: the first target. */
  readonly target?: string | undefined
  /** Workers that share the rate of logins; default 1. */
  readonly workers?: number | undefined
  /** Stops waiting logins. */
  readonly signal?: AbortSignal | undefined
  /** TLS options, and a lookup pinned to the addresses that were allowed. */
  readonly connect?: buildConnector.BuildOptions | undefined
}

/** Values for templates over user n. */
export interface UserValues {
  readonly n: number
  readonly user: string
  readonly run: string
  readonly [name: string]: string | number
}
