/** How long our main thread has been ready to run without a processor to run on. */
import {readFileSync} from 'node:fs'
import type {Ms} from '../base/units.js'

/**
 * Since this process began; undefined where the system does not tell. Linux does: time on the processor, time waiting for one, both in
 * nanoseconds, and turns (https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat).
 */
export function processorWait(file = '/proc/self/schedstat'): Ms | undefined {
  try {
    const [, waiting] = readFileSync(file, 'utf8').trim().split(' ').map(Number)
    return waiting === undefined || !Number.isFinite(waiting) ? undefined : waiting / 1e6
  } catch {
    return undefined
  }
}
