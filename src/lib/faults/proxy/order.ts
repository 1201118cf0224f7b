/** What the proxy process is told on its stdin, and what it says back on its stdout: one line of JSON each. */

export interface ProxyRequest {
  readonly name: string
  /** `host:port`. */
  readonly upstream: string
  /** `host:port`; a free port of loopback when left out. */
  readonly listen?: string
}

export interface Order {
  readonly proxies: readonly ProxyRequest[]
  readonly seed: string
  readonly processes: number
  /** `host:port` of the API; a free port of loopback when left out. */
  readonly api?: string
}

export interface Ready {
  readonly api: string
  readonly listens: Readonly<Record<string, string>>
  readonly pids: readonly number[]
}

export type Report = {readonly ready: Ready} | {readonly failed: string}
