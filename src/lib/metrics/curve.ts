/** What a search found: figures at each level of load that was tried, and where the knee is. */
import type {Unit} from './metric.js'

export interface CurveAxis {
  readonly name: string
  readonly unit: Unit
}

/** `strained`: our own side was at its limit, so that the level says nothing about the target. */
export type LevelOutcome = 'held' | 'broke' | 'strained'

export interface CurvePoint {
  /** The load, in the unit of `x`. */
  readonly x: number
  /** One for each of `columns`; null where nothing was measured. */
  readonly values: readonly (number | null)[]
  readonly outcome: LevelOutcome
  /** What broke, or what strained us. */
  readonly why?: string
}

export interface Curve {
  readonly x: CurveAxis
  /** The first one is drawn as a bar. */
  readonly columns: readonly CurveAxis[]
  /** Ascending by load. */
  readonly points: readonly CurvePoint[]
  /** One sentence: where it held, where it broke, and by what. */
  readonly knee: string
}
