/** Runs a workload once, so that pg_stat_statements knows it as it would know that of a server in use. */
import {DatabaseError} from 'pg'
import type {Session} from '../../../protocols/postgres/session.js'

/** By the type that the server inferred; `1` for every other one. */
const VALUES: Readonly<Record<string, string>> = {
  text: 'person.1@example.com',
  'timestamp with time zone': 'now',
}

/** A statement, and a value for each of its parameters. */
export interface Sent {
  readonly sql: string
  readonly values: readonly string[]
}

/** The statements of a file of ours, in which no `;` stands within one. */
export function statementsIn(sql: string): readonly string[] {
  const withoutComments = sql.replaceAll(/^--.*$/gm, '')
  return withoutComments
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

/** Finds out what each of them takes, which leaves traces in pg_stat_statements. */
export async function withValues(session: Session, statements: readonly string[]): Promise<readonly Sent[]> {
  const sent: Sent[] = []
  for (const sql of statements) {
    const types = await typesIn(session, sql)
    sent.push({sql, values: types.map((type) => VALUES[type] ?? '1')})
  }
  return sent
}

/** One that fails, fails in the workload too: its error is left to those who look. */
export async function runOnce(session: Session, sent: readonly Sent[]): Promise<void> {
  for (const {sql, values} of sent) {
    await session.read(sql, values).catch((error: unknown) => {
      if (!(error instanceof DatabaseError)) throw error
    })
  }
}

async function typesIn(session: Session, sql: string): Promise<readonly string[]> {
  await session.run(`PREPARE looked_at AS ${sql}`)
  const [prepared] = await session.ask<{types: string[]}>(
    `SELECT parameter_types::text[] AS types FROM pg_prepared_statements WHERE name = 'looked_at'`,
  )
  await session.run('DEALLOCATE looked_at')
  return prepared?.types ?? []
}
