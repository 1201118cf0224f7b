/** What a started embedded service is to its user: where it answers, what it is, and how to be rid of it. */

export interface EmbeddedService extends AsyncDisposable {
  /** `postgres`, `redis-server`, `valkey-server` or `fallback`. */
  readonly kind: string
  readonly version: string
  /** Carries the password where there is one; never print it. */
  readonly url: string
  readonly port: number
  /** The server's own process, not its guardian's. */
  readonly pid: number
  /** One line for a report, without secrets: `redis-server 7.0.15 on port 14021`. */
  describe(): string
}
