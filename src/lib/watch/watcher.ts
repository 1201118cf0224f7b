/** What watches one system during a run, and what it is handed to do so. */
import type {Clock} from '../base/clock.js'
import type {Ms} from '../base/units.js'
import type {Certificates} from '../protocols/tls.js'
import type {Sample} from './resource.js'

/** A system that says nothing for this long has not answered. */
export const PATIENCE: Ms = 3000

/** As the watched servers see us. */
export const WATCHER_NAME = 'proofload-watch'

/** One system under watch; it only reads, over one connection of its own. */
export interface Watcher {
  readonly name: string
  /** Rejects with an Error that says why there is no figure now; figures that need two looks are missing from the first. */
  sample(): Promise<Sample>
  /** Never rejects. */
  close(): Promise<void>
}

export interface WatcherKit {
  readonly clock: Clock
  readonly certificates: Certificates
  /** The process that took the place of a watched one which ended: a node that was started again. */
  readonly successor?: (name: string) => number | undefined
}

/** Those that were given, as every TLS client of Node.js takes them. */
export function pemsOf({ca, cert, key}: Pick<Certificates, 'ca' | 'cert' | 'key'>): Readonly<Record<string, string>> {
  const given = Object.entries({ca, cert, key}).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(given)
}
