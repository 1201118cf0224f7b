/** How the catalogue describes a fault and its parameters. */
import type {FaultClass, FaultNeed} from './fault.js'

/** What the value of a parameter is; all but text and choice become numbers: ms, bytes, bytes/s, a count, a share from 0 to 1. */
export type ParameterKind = 'duration' | 'size' | 'byte-rate' | 'count' | 'share' | 'text' | 'choice'

export interface ParameterDefinition {
  readonly kind: ParameterKind
  /** Only of a choice. */
  readonly choices?: readonly string[]
  /** As one would type it; without one, and not required, the parameter is left out. */
  readonly usual?: string
  readonly required?: boolean
  /** Zero is refused. */
  readonly positive?: boolean
  /** A phrase for help and docs. */
  readonly meaning: string
}

export interface FaultDefinition {
  readonly class: FaultClass
  readonly needs: FaultNeed
  /** Whether it takes a `for`; `optional` where something can be put back but need not be. */
  readonly lasts: boolean | 'optional'
  /** One sentence. */
  readonly meaning: string
  /** What the connection's user must be allowed. */
  readonly privilege: string
  readonly parameters: Readonly<Record<string, ParameterDefinition>>
}
