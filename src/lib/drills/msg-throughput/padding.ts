/** What follows the stamp in a message, so that it has the size that was asked for. */
import type {Random} from '../../base/random.js'
import {STAMP_LENGTH} from '../../protocols/stamp.js'
import type {MsgThroughputPlan} from './plan.js'

const RADIX = 36

/** From the user's file, or characters that no encoding escapes. */
export function paddingOf({payload: {text, bytes}}: Pick<MsgThroughputPlan, 'payload'>, random: Random): string {
  return text ?? Array.from({length: bytes - STAMP_LENGTH}, () => random.below(RADIX).toString(RADIX)).join('')
}
