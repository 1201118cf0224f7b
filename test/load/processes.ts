/** Whether a process still runs; one that ended and was not yet collected by its parent does not. */
import {readFileSync} from 'node:fs'

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    // Without a /proc the signal has said all that can be known; with one it has just ended.
    return process.platform !== 'linux'
  }
}
