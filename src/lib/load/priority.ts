/** A worker goes before whatever else wants the processor: who shares it with the target measures its own waiting else. */
import {writeFileSync} from 'node:fs'
import {setPriority} from 'node:os'

/** As `nice` counts: −20 goes before all, 0 is usual. */
const PRIORITY = -10
/**
 * On Linux a session of its own is scheduled as one, and only the niceness of the whole session counts among sessions
 * (https://man7.org/linux/man-pages/man7/sched.7.html, "The autogroup feature").
 */
const SESSION = '/proc/self/autogroup'

/** Where the system does not let us, which it lets root and who has CAP_SYS_NICE, nothing changes. */
export function goFirst(): void {
  trying(() => setPriority(PRIORITY))
  trying(() => writeFileSync(SESSION, String(PRIORITY)))
}

function trying(act: () => void): void {
  try {
    act()
  } catch {
    // We go without.
  }
}
