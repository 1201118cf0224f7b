/** What a search knows of one level. */
import type {JudgedLevel} from '../../verdict/knee.js'

/** One level as it went. */
export interface LevelResult extends JudgedLevel {
  readonly users: number
  readonly rooms: number
  /** Users that were in their rooms at its end. */
  readonly present: number
  readonly p50: number | null
  readonly max: number | null
  readonly published: number
  readonly duplicated: number
  readonly reordered: number
  readonly unexpected: number
  readonly disconnects: number
}
