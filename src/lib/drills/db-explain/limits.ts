/** Sizes that a run keeps to. */
import type {Bytes} from '../../base/units.js'

export const GIBIBYTE: Bytes = 1024 ** 3
