/** What the tests of the checks share: a kit with a real clock, a session on the embedded Postgres, and queries. */
import {HostClock} from '../../../../src/lib/base/clock.js'
import {seededRandom} from '../../../../src/lib/base/random.js'
import type {CheckKit} from '../../../../src/lib/drills/db-explain/checks/check.js'
import type {BoundQuery, Value} from '../../../../src/lib/drills/db-explain/query.js'
import type {Metric, MetricSet} from '../../../../src/lib/metrics/metric.js'
import {connect, doorOf, type Door} from '../../../../src/lib/protocols/postgres/connect.js'
import type {Session} from '../../../../src/lib/protocols/postgres/session.js'
import {judge} from '../../../../src/lib/verdict/judge.js'
import {parseThreshold} from '../../../../src/lib/verdict/threshold-parser.js'

export const kit: CheckKit = {
  clock: new HostClock(),
  random: seededRandom('checks'),
  signal: new AbortController().signal,
  note: () => undefined,
}

export function doorTo(url: string): Door {
  return doorOf(url, {tls: {insecure: false}, timeoutMs: 20_000, shard: 0})
}

export async function sessionOn(url: string): Promise<Session> {
  return connect(doorTo(url))
}

export function bound(name: string, sql: string, values: readonly (readonly Value[])[] = [[]]): BoundQuery {
  return {
    name,
    sql,
    calls: 1,
    meanMs: undefined,
    place: undefined,
    parameters: values[0]?.length ?? 0,
    given: [],
    ordered: false,
    bindings: values.map((row) => ({stratum: 'given', values: row})),
  }
}

/** A database of its own on the same server, as superuser: what one check counts is not another one's doing. */
export async function freshDatabase(adminUrl: string, name: string): Promise<string> {
  const admin = await sessionOn(adminUrl)
  try {
    await admin.run(`CREATE DATABASE ${name}`)
  } finally {
    await admin.end()
  }
  return adminUrl.replace('/proofload?', `/${name}?`)
}

/** `pass`, `fail` or `inconclusive`, as a run would say; of several rows the worst. */
export function verdictOn(threshold: string, metrics: MetricSet): string {
  const verdicts = judge([parseThreshold(threshold)], {metrics, doubts: []}, []).map(({verdict}) => verdict)
  return (['fail', 'inconclusive', 'pass'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'none'
}

/** Its slices as plain data. */
export function slicesOf(metric: Metric | undefined): readonly unknown[] {
  return metric?.slices ?? []
}

/** The tables and indexes of the user's own schemas. */
export async function catalogue(session: Session): Promise<readonly object[]> {
  return session.ask(`SELECT c.oid::int8::text, c.relname, c.relkind, pg_get_indexdef(i.indexrelid) AS index, i.indisvalid
    FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
   WHERE c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace) ORDER BY c.oid`)
}
