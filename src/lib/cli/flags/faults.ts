/** The flags of every drill that break the target while it is under load, or end the load early. */
import {parseFault} from '../../faults/grammar.js'
import {repeated, toggle} from './option.js'
import {threshold} from './read.js'

const GROUP = 'faults'

export const faultFlags = {
  fault: repeated((given) => parseFault(given), {
    value: 'FAULT',
    summary:
      "A fault while the load runs, e.g. 'redis.disconnect at 5s for 3s'; times count from the start of steady; see proofload fault list; repeatable.",
    group: GROUP,
  }),
  'stop-when': repeated(threshold, {
    value: 'CONDITION',
    summary:
      "Stop the load as soon as this is true, e.g. 'connection_errors > 100', and exit with 99; written like a threshold; repeatable.",
    group: GROUP,
  }),
  'allow-sticky': toggle({
    summary: 'Also allow faults that only proofload can put right again (see proofload fault recover).',
    group: GROUP,
  }),
}
