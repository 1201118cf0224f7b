/** What may be tried after a run, by how far it went at the target. Pure. */
import type {NextTries} from '../drill.js'
import type {Level} from './input.js'
import type {DbExplainPlan} from './plan.js'

const UNDECIDED: Readonly<Record<Level, NextTries['undecided']>> = {
  practice: {what: 'a longer measurement decides what was too close', flags: 'with a longer --measure-for'},
  copy: {
    what: 'a longer measurement decides what was too close, and more time what was given up',
    flags: 'with a longer --measure-for or --statement-timeout',
  },
  trial: {
    what: 'a quieter server decides what was in doubt, and a copy what was too close',
    flags: 'with --copy in place of --allow-ddl',
  },
  read: {
    what: 'a copy proves what is only advised, and more time decides what was given up',
    flags: 'with --copy or a longer --statement-timeout',
  },
}

export function next({level}: Pick<DbExplainPlan, 'level'>): NextTries {
  return {
    ownSystem: 'proofload db-explain --target postgres://… --queries queries.sql --copy',
    undecided: UNDECIDED[level],
  }
}
