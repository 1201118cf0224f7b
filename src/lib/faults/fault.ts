/** The words for faults: what one is, what was planned, what it acts on, and what became of it. */
import type {Ms} from '../base/units.js'

/**
 * Who puts things right again: nobody has to (one-shot), the server by itself after a time (self-expiring), the server when our session
 * closes (session-scoped), the proxy's owner (proxied), or only we, by undoing what we changed (sticky).
 */
export type FaultClass = 'one-shot' | 'self-expiring' | 'session-scoped' | 'proxied' | 'sticky'

/** What a fault acts on. */
export type FaultNeed = 'redis' | 'postgres' | 'proxy' | 'node'

/** A fault of a run: checked against the catalogue, its values in base units (ms, bytes, bytes/s, shares 0 to 1). JSON-printable, no secrets. */
export interface PlannedFault {
  /** `redis.disconnect`. */
  readonly name: string
  readonly class: FaultClass
  readonly needs: FaultNeed
  /** As it was typed, spaces straightened: `redis.disconnect at 20s for 5s`. */
  readonly text: string
  readonly parameters: Readonly<Record<string, number | string>>
  /** From the start of the steady phase. */
  readonly atMs: Ms
  /** 0 for a one-shot fault. */
  readonly forMs: Ms
}

/** A process of the target: by its id, or by commands of the user that break it and mend it again (program first, no shell). */
export interface NodeHandle {
  readonly name: string
  readonly pid?: number
  readonly inject?: readonly string[]
  readonly revert?: readonly string[]
}

/** A fault proxy with its Toxiproxy API, and the names of its proxies. */
export interface ProxyHandle {
  readonly api: string
  /** Those that a fault takes together, where they are not called as the ground calls it: one for each end of a link. */
  readonly names?: readonly string[]
}

/** Where the faults of a run act. Carries passwords: it goes to the agent's stdin and nowhere else. */
export interface FaultGround {
  readonly redis?: string
  readonly postgres?: string
  /** By the name that `proxy=` gives: `redis`, `postgres`, `target`. */
  readonly proxies: Readonly<Record<string, ProxyHandle>>
  readonly nodes: readonly NodeHandle[]
}

/** What the preflight of one fault found; shown before anything is harmed. */
export interface FaultPreview {
  /** The server as it names itself: `Redis 7.0.15 at 127.0.0.1:23011 as default`. */
  readonly server: string
  /** Whom it would hit: `12 clients`. */
  readonly hits: string
}

/** What became of one planned fault; times on the host's monotonic clock. */
export interface FaultRecord {
  readonly fault: PlannedFault
  /** Undefined: it never came to it. */
  readonly injectedAtMs: Ms | undefined
  readonly revertedAtMs: Ms | undefined
  readonly outcome: 'planned' | 'active' | 'reverted' | 'not injected' | 'not reverted'
  /** Why it was not injected or not reverted. */
  readonly trouble?: string
  /** What the injector counted: kills, leaked operations, dropped bytes. */
  readonly evidence: Readonly<Record<string, number | string>>
}

/** The faults of one run as those who follow it see them; the agent injects and reverts by itself, on time. */
export interface FaultRun {
  readonly records: readonly FaultRecord[]
  /** The steady phase begins at `startAtMs` (host's monotonic clock): each fault comes at its own time from there. */
  start(startAtMs: Ms): void
  /** Called at every change of a record. */
  onChange(listener: () => void): void
  /** Reverts what is active and injects nothing more; resolves when it is done. */
  revertAll(): Promise<void>
}
