/** Counts what happens to connections, in the phase in which it happens. */
import type {Ms} from '../base/units.js'
import {momentsOf} from '../faults/course/moments.js'
import type {WorkerKit} from '../load/worker-kit.js'

export interface UserCounters {
  readonly established: (now: Ms, dueMs: Ms) => void
  /** A user that was inside tries to come back. */
  readonly retried: () => void
  readonly reconnected: () => void
  readonly open: (connections: number) => void
  readonly error: (reason: string) => void
  readonly disconnected: (reason: string) => void
  readonly protocolError: (reason: string) => void
}

export function userCounters(kit: WorkerKit): UserCounters {
  const {tally, timeline, clock} = kit
  const note = momentsOf(kit)
  const latency = tally.distribution('connect_latency')
  const established = tally.counter('connections_established')
  const reconnects = tally.counter('reconnects')
  const open = tally.gauge('connections_open')
  const phase = (): string => timeline.at(clock.now())
  return {
    established(now: Ms, dueMs: Ms): void {
      established.add(phase())
      latency.record(phase(), now - dueMs)
    },
    retried: () => note('attempts', clock.now()),
    reconnected() {
      reconnects.add(phase())
      note('back', clock.now())
    },
    open: (connections: number) => open.set(phase(), connections),
    error: (reason: string) => tally.counter('connection_errors', {reason}).add(phase()),
    disconnected(reason: string) {
      tally.counter('unexpected_disconnects', {reason}).add(phase())
      note('cut', clock.now())
    },
    protocolError: (reason: string) => tally.counter('protocol_errors', {reason}).add(phase()),
  }
}

const nothing = (): void => undefined

/** For users of a check, which counts by itself what happens to them. */
export const quietCounters: UserCounters = {
  established: nothing,
  retried: nothing,
  reconnected: nothing,
  open: nothing,
  error: nothing,
  disconnected: nothing,
  protocolError: nothing,
}
