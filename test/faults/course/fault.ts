/** Faults and their records for tests of the course. */
import type {FaultRecord, FaultRun, PlannedFault} from '../../../src/lib/faults/fault.js'
import {parseFault} from '../../../src/lib/faults/grammar.js'
import {settleFaults} from '../../../src/lib/faults/settle.js'

/** As it would be planned in a run of ten minutes. */
export function planned(...texts: string[]): PlannedFault[] {
  return settleFaults(texts.map(parseFault), {durationMs: 600_000, allowSticky: true})
}

export function record(text: string, changes: Partial<FaultRecord> = {}): FaultRecord {
  const [fault] = planned(text)
  if (!fault) throw new Error(text)
  return {fault, injectedAtMs: undefined, revertedAtMs: undefined, outcome: 'planned', evidence: {}, ...changes}
}

/** A run whose faults come and go as the test says. */
export class ScriptedRun implements FaultRun {
  records: FaultRecord[]
  startedAtMs: number | undefined
  reverts = 0
  #listeners: (() => void)[] = []

  constructor(...texts: string[]) {
    this.records = texts.map((text) => record(text))
  }

  start(startAtMs: number): void {
    this.startedAtMs = startAtMs
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  set(index: number, changes: Partial<FaultRecord>): void {
    this.records = this.records.map((known, at) => (at === index ? {...known, ...changes} : known))
    for (const listener of this.#listeners) listener()
  }

  revertAll(): Promise<void> {
    this.reverts++
    return Promise.resolve()
  }
}
