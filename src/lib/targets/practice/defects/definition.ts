/** What is to be known of a defect before anybody has it. */

/** What stands behind the `=`: a share of cases, a node's number, `LENGTH/EVERY`, a word, a time, a rate, a number of times, or bytes. */
export type ValueKind =
  'share' | 'share-per-second' | 'node' | 'window' | 'manner' | 'duration' | 'rate' | 'count' | 'size'

export interface DefectDefinition {
  readonly value: ValueKind
  /** Used when no value is given, as one would type it. */
  readonly usual: string
  /** The least that a drill is promised to notice, with the exposure that this takes. */
  readonly smallestDetectable: string
  /** The metric whose finding catches it. */
  readonly finding: string
  /** One sentence for help and docs. */
  readonly meaning: string
  /** Only shows while this is away: a drill needs a fault to find it. */
  readonly during?: 'redis' | 'postgres' | 'node'
  /** Only a drill that looks for it notices. */
  readonly drill?: 'msg-throughput' | 'db-explain'
}
