/** What follows the stamp in a message, so that it has the size that was asked for. */
import type {Random} from '../../base/random.js'
import {STAMP_LENGTH} from '../../protocols/stamp.js'
import type {MsgThroughputPlan} from './plan.js'

const RADIX = 36

/** From the user's file, escaped where frames are written as they stand (JSON as a rule), or characters that no encoding escapes. */
export function paddingOf(
  {payload: {text, bytes}, transport}: Pick<MsgThroughputPlan, 'payload' | 'transport'>,
  random: Random,
): string {
  if (text !== undefined && transport === 'ws') return JSON.stringify(text).slice(1, -1)
  return text ?? Array.from({length: bytes - STAMP_LENGTH}, () => random.below(RADIX).toString(RADIX)).join('')
}
