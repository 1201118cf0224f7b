/** Looks after the run where the rows of one shard lie: in the partition of their time, made before it was needed, and how fast they came around each switch. */
import {SECOND, type Ms, type PerSecond} from '../../base/units.js'
import type {Made} from './partition-maker.js'
import {boundsOf, type Timing} from './partitions.js'
import type {Session} from './session.js'
import {nameIn, tableOf} from './table.js'

/** All times are since the load's start, by the server's clock. */
export interface PartitionFact {
  readonly name: string
  readonly fromMs: Ms
  readonly toMs: Ms
  /** After it was committed; undefined: never by us. */
  readonly madeAtMs: Ms | undefined
  readonly rows: number
  readonly firstRowAtMs: Ms | undefined
}

export interface MissingPartition {
  readonly name: string
  /** When its first row could come. */
  readonly dueAtMs: Ms
  /** Made too late; undefined: not there at all. */
  readonly madeAtMs: Ms | undefined
}

/** Rows a second, in the second (or the length of a partition, where that is shorter) before and after. */
export interface SwitchRate {
  readonly atMs: Ms
  readonly before: PerSecond
  readonly after: PerSecond
}

export interface PartitionFacts {
  readonly partitions: readonly PartitionFact[]
  /** Rows that lie outside of the partition of their time. */
  readonly misplaced: number
  readonly missing: readonly MissingPartition[]
  /** Of all whole windows of the load. */
  readonly medianRate: PerSecond
  readonly rateAtSwitch: readonly SwitchRate[]
}

export interface Inspection {
  readonly session: Session
  readonly schema: string
  readonly timing: Timing
  readonly made: readonly Made[]
  readonly endedAtMs: Ms
}

interface Attached {
  readonly schema: string
  readonly name: string
}

interface Held {
  readonly rows: number
  readonly first: number | null
  readonly misplaced: number
}

const ATTACHED = `
  SELECT nspname AS schema, relname AS name
    FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid JOIN pg_namespace n ON n.oid = relnamespace
   WHERE inhparent = $1::regclass ORDER BY relname`

export async function inspectPartitions(inspection: Inspection): Promise<PartitionFacts> {
  const {session, schema, timing, made} = inspection
  const attached = await session.ask<Attached>(ATTACHED, [nameIn(schema, tableOf(timing.run))])
  const meant = new Map(made.map((one) => [one.name, one]))
  const partitions: PartitionFact[] = []
  let misplaced = 0
  for (const one of attached) {
    const bounds = meant.get(one.name)
    const held = await heldBy(session, one, bounds)
    misplaced += held.misplaced
    if (bounds !== undefined) partitions.push(factOf(bounds, held, timing.originMs))
  }
  const there = new Set(attached.map(({name}) => name))
  return {partitions, misplaced, missing: missingOf(inspection, there), ...(await ratesOf(inspection))}
}

/** Of a partition that nobody meant to be there, as a default one, every row is misplaced. */
async function heldBy(session: Session, {schema, name}: Attached, bounds: Made | undefined): Promise<Held> {
  const [held] = await session.ask<Held>(
    `SELECT count(*)::float8 AS rows, (extract(epoch FROM min(created_at)) * 1000)::float8 AS first,
            (count(*) FILTER (WHERE (created_at >= to_timestamp($1::float8) AND created_at < to_timestamp($2::float8))
              IS NOT TRUE))::float8 AS misplaced
       FROM ONLY ${nameIn(schema, name)}`,
    bounds === undefined ? [null, null] : [bounds.fromMs / SECOND, bounds.toMs / SECOND],
  )
  return held ?? {rows: 0, first: null, misplaced: 0}
}

function factOf({name, fromMs, toMs, madeAtMs}: Made, {rows, first}: Held, originMs: Ms): PartitionFact {
  return {
    name,
    fromMs: fromMs - originMs,
    toMs: toMs - originMs,
    madeAtMs: madeAtMs - originMs,
    rows,
    firstRowAtMs: first === null ? undefined : first - originMs,
  }
}

/** What was needed until the load was over. */
function missingOf({timing, made, endedAtMs}: Inspection, there: ReadonlySet<string>): readonly MissingPartition[] {
  const needed = Math.max(1, Math.ceil((endedAtMs - timing.originMs) / timing.lengthMs))
  return Array.from({length: needed}, (_, index) => index).flatMap((index) => {
    const {name, fromMs} = boundsOf(timing, index)
    const madeAtMs = made[index]?.madeAtMs
    const late = madeAtMs === undefined || (index > 0 && madeAtMs > fromMs)
    if (there.has(name) && !late) return []
    const known = there.has(name) && madeAtMs !== undefined
    return [{name, dueAtMs: fromMs - timing.originMs, madeAtMs: known ? madeAtMs - timing.originMs : undefined}]
  })
}

async function ratesOf(inspection: Inspection): Promise<Pick<PartitionFacts, 'medianRate' | 'rateAtSwitch'>> {
  const {timing, endedAtMs} = inspection
  const windowMs = Math.min(SECOND, timing.lengthMs)
  const rateAtSwitch: SwitchRate[] = []
  for (let at = timing.originMs + timing.lengthMs; at + windowMs <= endedAtMs; at += timing.lengthMs) {
    const before = await rowsIn(inspection, at - windowMs, at)
    const after = await rowsIn(inspection, at, at + windowMs)
    const rate = (rows: number): PerSecond => (rows * SECOND) / windowMs
    rateAtSwitch.push({atMs: at - timing.originMs, before: rate(before), after: rate(after)})
  }
  return {medianRate: await medianRate(inspection, windowMs), rateAtSwitch}
}

async function rowsIn({session, schema, timing}: Inspection, fromMs: Ms, toMs: Ms): Promise<number> {
  const [row] = await session.ask<{rows: number}>(
    `SELECT count(*)::float8 AS rows FROM ${nameIn(schema, tableOf(timing.run))}
      WHERE created_at >= to_timestamp($1::float8) AND created_at < to_timestamp($2::float8)`,
    [fromMs / SECOND, toMs / SECOND],
  )
  return row?.rows ?? 0
}

/** Windows without a row count as well. */
async function medianRate({session, schema, timing, endedAtMs}: Inspection, windowMs: Ms): Promise<PerSecond> {
  const windows = Math.floor((endedAtMs - timing.originMs) / windowMs)
  if (windows < 1) return 0
  const [row] = await session.ask<{median: number | null}>(
    `WITH counts AS (
       SELECT floor((extract(epoch FROM created_at) * 1000 - $1::float8) / $2::float8)::int AS place, count(*) AS rows
         FROM ${nameIn(schema, tableOf(timing.run))} GROUP BY 1)
     SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(rows, 0)) AS median
       FROM generate_series(0, $3::int - 1) AS place LEFT JOIN counts USING (place)`,
    [timing.originMs, windowMs, windows],
  )
  return ((row?.median ?? 0) * SECOND) / windowMs
}
