/** The words of a link, which is one direction of a proxied connection: bytes and the end pass through stages, one for each toxic. */
import type {Ms} from '../../../base/units.js'
import type {Random} from '../../../base/random.js'
import type {Attributes} from '../toxic.js'

/** How a direction ends: the source sent its last byte; a toxic closes the whole connection; the connection is aborted (RST). */
export type End = 'half-close' | 'close' | 'reset'

/** Takes what travels, in order. */
export interface Sink {
  data(chunk: Buffer): void
  /** A `reset` may follow another end. */
  end(how: End): void
}

/** One toxic at work on one direction of one connection. */
export interface Stage extends Sink {
  /** It holds so much that the source should wait. */
  readonly crowded: boolean
  /** New values, at once, also for what it holds. */
  update(attributes: Attributes): void
  /** The toxic is removed: everything that it holds goes on, in order. */
  leave(): void
  /** The connection is gone: no timer may be left. */
  stop(): void
}

export interface StageKit {
  /** Monotonic. */
  readonly now: () => Ms
  readonly random: Random
  /** What comes after this stage. */
  readonly next: Sink
  /** Counts bytes that go no further. */
  readonly dropped: (bytes: number) => void
  /** To be called when `crowded` may have become false. */
  readonly eased: () => void
}

/** One kind of toxic. */
export interface ToxicKind {
  /** The names of its attributes, as the API lists them. */
  readonly attributes: readonly string[]
  readonly make: (attributes: Attributes, kit: StageKit) => Stage
}
