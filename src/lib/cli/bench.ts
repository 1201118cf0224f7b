/** What an experiment is run with. */
import type {Clock} from '../base/clock.js'
import type {Progress} from '../report/progress.js'
import type {Report} from '../report/schema.js'
import type {Belongings} from './belongings.js'
import type {Interrupts} from './interrupt.js'

export interface Bench {
  readonly tool: Report['tool']
  readonly clock: Clock
  readonly progress: Progress
  readonly belongings: Belongings
  readonly interrupts: Interrupts
}
