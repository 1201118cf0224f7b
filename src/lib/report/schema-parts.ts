/** What several parts of the report's schema have in common. */
import {z} from 'zod'

export const whole = z.number().int().nonnegative()
export const maybe = z.number().nullable()
export const unit = z
  .enum(['ms', 'count', 'bytes', 'perSecond', 'share'])
  .describe('ms, bytes, per second, or a fraction from 0 to 1')
