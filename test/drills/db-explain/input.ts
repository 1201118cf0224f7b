/** What the drill is asked in tests: the practice database, little of it, and quickly. */
import type {DbExplainInput} from '../../../src/lib/drills/db-explain/input.js'
import {practiceProfile} from '../../../src/lib/targets/profile/load-profile.js'
import {machine} from '../machine.js'

export async function littleDbExplain(changes: Partial<DbExplainInput> = {}): Promise<DbExplainInput> {
  return {
    source: {kind: 'practice'},
    level: 'practice',
    rows: 60_000,
    goal: 0.5,
    gates: [],
    checks: [],
    slowMs: 2,
    statementTimeoutMs: 30_000,
    measureMs: 4000,
    role: undefined,
    settings: {},
    tables: [],
    sample: 1,
    showsLiterals: false,
    sqlOut: undefined,
    workers: 1,
    seed: 'little-db-explain',
    targets: [],
    profile: await practiceProfile(),
    sourceAddresses: [],
    tls: {insecure: false},
    headers: {},
    faults: {specs: [], allowSticky: false},
    watch: [],
    machine,
    ...changes,
  }
}
