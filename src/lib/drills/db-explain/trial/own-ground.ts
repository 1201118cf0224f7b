/** A database of our own: real indexes, hidden and shown within a millisecond by a flag in the catalogue. */
import type {Clock} from '../../../base/clock.js'
import type {Bytes} from '../../../base/units.js'
import type {Session} from '../../../protocols/postgres/session.js'
import {ddlOf, quoted, tableOf} from '../advice/ddl.js'
import type {IndexDesign} from '../advice/index-design.js'
import {refusalOf} from './refusal.js'
import type {Built, NotBuilt, TrialGround} from './trial-ground.js'

/** More memory makes building two to three times faster than the default of 64 MB does where a table has a million rows. */
const MEMORY_FOR_BUILDING = '256MB'

const PARTS = `
  SELECT c.oid::text AS oid, c.relname AS name, n.nspname AS schema, pg_relation_size(c.oid)::float8 AS bytes
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid = $1::regclass OR c.oid IN (SELECT relid FROM pg_partition_tree($1::regclass))
  ORDER BY c.oid`

/** The planner leaves an invalid index alone, and every session hears of it at once; the index itself goes on being kept. */
const SHOW = `
  UPDATE pg_catalog.pg_index SET indisvalid = NOT indisvalid
  WHERE indexrelid = ANY($1::oid[]) AND indisvalid <> (indexrelid = ANY($2::oid[]))`

interface Part {
  readonly oid: string
  readonly name: string
  readonly schema: string
  readonly bytes: Bytes
}

/** The session must be a superuser's. Nobody else may use the database while it is tried on. */
export function ownGround(
  session: Session,
  {clock, prefix = 'proofload_trial'}: {clock: Clock; prefix?: string},
): TrialGround {
  const standing = new Map<Built, readonly Part[]>()
  let made = 0
  const oidsOf = (indexes: Iterable<Built>) =>
    [...indexes].flatMap((built) => (standing.get(built) ?? []).map(({oid}) => oid))
  const drop = async (built: Built) => {
    const [index] = standing.get(built) ?? []
    if (index === undefined) return
    standing.delete(built)
    await session.run(`DROP INDEX ${quoted(index.schema)}.${quoted(index.name)}`)
  }
  return {
    kind: 'own',
    session,
    runs: true,
    stopped: new AbortController().signal,
    async build(design, needs = []) {
      const name = `${prefix}_${(made += 1)}`
      try {
        const [built, parts] = await make(session, clock, {design, name, needs})
        standing.set(built, parts)
        return built
      } catch (error) {
        return {design, reason: refusalOf(error)} satisfies NotBuilt
      }
    },
    async see(visible) {
      await session.ask(SHOW, [oidsOf(standing.keys()), oidsOf(visible)])
    },
    drop,
    reads: (work) => work(),
    async [Symbol.asyncDispose]() {
      for (const built of [...standing.keys()]) await drop(built)
    },
  }
}

interface Order {
  readonly design: IndexDesign
  readonly name: string
  readonly needs: readonly string[]
}

async function make(session: Session, clock: Clock, {design, name, needs}: Order): Promise<[Built, readonly Part[]]> {
  const started = await prepare(session, needs, clock)
  await session.run(ddlOf(design, {name}))
  const buildMs = clock.now() - started
  if (learnsFromData(design)) await session.run(`ANALYZE ${tableOf(design)}`)
  const parts = await partsOf(session, design, name)
  return [{design, name, names: parts.map((part) => part.name), buildMs, bytes: total(parts)}, parts]
}

/** Answers when building starts. */
async function prepare(session: Session, needs: readonly string[], clock: Clock): Promise<number> {
  for (const extension of needs) await session.run(`CREATE EXTENSION IF NOT EXISTS ${quoted(extension)}`)
  await session.run(`SET maintenance_work_mem = '${MEMORY_FOR_BUILDING}'`)
  return clock.now()
}

/** The index itself first. */
async function partsOf(session: Session, {schema}: IndexDesign, name: string): Promise<readonly Part[]> {
  const parts = await session.ask<Part>(PARTS, [`${quoted(schema)}.${quoted(name)}`])
  return parts.toSorted((left, right) => Number(right.name === name) - Number(left.name === name))
}

/** Of an expression the planner knows nothing until the values have been looked at. */
export function learnsFromData({keys}: IndexDesign): boolean {
  return keys.some((key) => 'expression' in key)
}

function total(parts: readonly Part[]): Bytes {
  return parts.reduce((sum, {bytes}) => sum + bytes, 0)
}
