/** What a watcher is handed in tests, and a look that says why it failed. */
import {LeapingClock} from '../../src/lib/base/clock.js'
import type {WatcherKit} from '../../src/lib/watch/watcher.js'

/** Each look comes one second after the one before, however fast the test is. */
export function secondsApart(): {readonly kit: WatcherKit; readonly pass: () => Promise<void>} {
  const clock = new LeapingClock()
  return {kit: {clock, certificates: {insecure: false}}, pass: () => clock.advance(1000)}
}
