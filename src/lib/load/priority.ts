/** A worker that measures goes before whatever else wants the processor: who shares it with the target measures its own waiting else. */
import {writeFileSync} from 'node:fs'
import {setPriority} from 'node:os'

/** As `nice` counts: −20 goes before all, 0 is usual. */
const PRIORITY = -10
const USUAL = 0
/**
 * On Linux a session of its own is scheduled as one, and only the niceness of the whole session counts among sessions
 * (https://man7.org/linux/man-pages/man7/sched.7.html, "The autogroup feature").
 */
const SESSION = '/proc/self/autogroup'

/** While users come in, a target has more to do for each than we: whoever goes first then only makes its queue of connections run over. */
const SIDE_BY_SIDE: readonly string[] = ['set-up', 'ramp']

export function takePlaceIn(phase: string): void {
  if (SIDE_BY_SIDE.includes(phase)) goAt(USUAL)
  else goFirst()
}

/** Where the system does not let us, which it lets root and who has CAP_SYS_NICE, nothing changes. */
export function goFirst(): void {
  goAt(PRIORITY)
}

function goAt(priority: number): void {
  trying(() => setPriority(priority))
  trying(() => writeFileSync(SESSION, String(priority)))
}

function trying(act: () => void): void {
  try {
    act()
  } catch {
    // We go without.
  }
}
