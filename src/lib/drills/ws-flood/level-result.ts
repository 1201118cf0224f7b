/** What a search knows of one level. */
import type {LevelOutcome} from '../../metrics/curve.js'

/** One level as it went. */
export interface LevelResult {
  /** Name of its phase. */
  readonly name: string
  readonly users: number
  readonly rooms: number
  /** Users that were in their rooms at its end. */
  readonly present: number
  readonly p50: number | null
  readonly p99: number | null
  readonly max: number | null
  readonly published: number
  readonly expected: number
  readonly lost: number
  readonly duplicated: number
  readonly reordered: number
  readonly unexpected: number
  readonly disconnects: number
  readonly outcome: LevelOutcome
  /** What broke, or what strained us; '' when it held. */
  readonly why: string
}
