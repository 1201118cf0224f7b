/** `proofload db-explain`: flags and words. */
import {DrillCommand} from '../lib/cli/drill-command.js'
import {dbExplainFlags, toDbExplainInput} from '../lib/cli/flags/db-explain.js'

export default class DbExplain extends DrillCommand {
  static override readonly summary =
    'Find the slow queries of a Postgres, propose the missing indexes, build them, and prove the gain by measuring.'
  static override readonly usage = 'db-explain [FLAGS]'
  static override readonly description = [
    'Reads the plans of your queries on real data, proposes indexes (of several columns, for an order, partial, covering, on expressions, trigram, full-text, jsonb, BRIN), builds them, lets the planner choose, and measures every query with and without in interleaved pairs until the interval is narrow. 50 % speedup means half the time. Answers are compared, regressions count, and what an index costs in writes and space is charged.',
    'Without --target it loads an embedded Postgres with a million chat messages. At a target it only reads and says what its plans say; with --copy it copies the tables into a Postgres of its own and proves everything there; with --allow-ddl it builds at the target in transactions that are rolled back.',
    'Every flag can also be set by the environment (PROOFLOAD_GOAL=60%; several values one a line) or in proofload.config.yaml; the order is default < file < environment < flag.',
    'Exit codes: 0 every threshold held, 99 one was broken, 98 inconclusive, 2 wrong usage, 69 the target cannot be used, 130 and 143 interrupted, 1 a bug.',
  ].join('\n\n')
  static override readonly examples = [
    {
      description: 'A chat database with a million messages, everything proven',
      command: '<%= config.bin %> <%= command.id %>',
    },
    {
      description: 'Your own queries, advice only',
      command: '<%= config.bin %> <%= command.id %> --target postgres://127.0.0.1:5432/chat --queries queries.sql',
    },
    {
      description: 'What takes most of the time on the server, proven on a copy',
      command:
        '<%= config.bin %> <%= command.id %> --target postgres://127.0.0.1:5432/chat --from pg_stat_statements --copy',
    },
    {
      description: 'Write the DDL and a page with both plans',
      command: '<%= config.bin %> <%= command.id %> --sql-out indexes.sql --out html=plans.html',
    },
  ]
  static override readonly flags = dbExplainFlags

  async run(): Promise<unknown> {
    return await this.conduct(dbExplainFlags, async () => {
      const {dbExplain} = await import('../lib/drills/db-explain/index.js')
      return {drill: dbExplain, kind: 'postgres', toInput: toDbExplainInput}
    })
  }
}
