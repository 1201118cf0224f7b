/** Asks the target what functions would do and what relations are; looks into views and row-level policies. */
import type {Session} from '../../../protocols/postgres/session.js'
import {readsIn, type Call, type Named, type Reads} from './reads.js'
import {OURS} from './statement.js'
import {isTrouble, type Syntaxer} from './syntax.js'

/** Views may stand on views; Postgres itself has no limit, and no loops. */
const DEEPEST = 20

export interface Relation {
  readonly schema: string
  readonly name: string
}

export interface Known {
  /** Why it must not be run: `pg_sleep() is volatile`. */
  readonly trouble: string | undefined
  /** Directly named ones that exist. */
  readonly relations: readonly Relation[]
  /** It calls a function that is not Postgres' own, which may read tables itself. */
  readonly callsOthers: boolean
}

export interface Catalogue {
  inspect(reads: Reads): Promise<Known>
}

interface Found extends Relation {
  /** What is read through it: the query of a view, the conditions of policies. */
  readonly texts: readonly string[]
}

/** `session` decides by its search_path which function a name means. */
export function catalogueOf(session: Session, syntax: Syntaxer): Catalogue {
  async function troubleBehind(relations: readonly Found[], depth: number): Promise<string | undefined> {
    for (const {schema, name, texts} of relations) {
      for (const text of texts) {
        const parsed = syntax.parse(text)
        if (isTrouble(parsed)) return `what ${schema}.${name} does cannot be read: ${parsed.message}`
        const reads = readsIn(parsed)
        const {trouble} = await troubleOf(session, reads.calls)
        if (trouble !== undefined) return `it reads ${schema}.${name}, where ${trouble}`
        const below = depth > DEEPEST ? [] : await relationsOf(session, reads.relations)
        const deeper = await troubleBehind(below, depth + 1)
        if (deeper !== undefined) return deeper
      }
    }
    return undefined
  }
  return {
    async inspect(reads) {
      const {trouble, callsOthers} = await troubleOf(session, reads.calls)
      const relations = trouble === undefined ? await relationsOf(session, reads.relations) : []
      return {trouble: trouble ?? (await troubleBehind(relations, 0)), relations, callsOthers}
    },
  }
}

/**
 * Stable by their declaration, but they leave a trace: a transaction number is used up.
 * All others that write, wait, lock or read files (nextval, setval, pg_sleep, dblink, lo_*, pg_advisory_*, pg_read_file, set_config, …) are declared volatile.
 */
const TRACES = ['txid_current', 'pg_current_xact_id']

/** Their name says enough, also where a target does not let us see them in its catalogue. */
const CLOCKS = /^(random|random_normal|clock_timestamp|timeofday|gen_random_uuid|uuidv4|uuidv7|uuid_generate_v\w+)$/

/**
 * Any overload that takes so many arguments counts: which one it is follows from types that only the server knows. Aggregates are declared
 * immutable whatever the functions are that they are made of.
 */
const CALLED = `
  SELECT ${OURS} a.kind, a.name, n.nspname = 'pg_catalog' AS "isOwn",
    p.provolatile = 'v' OR p.proname = ANY ($2) OR coalesce(t.provolatile = 'v', false) AS "isVolatile"
  FROM jsonb_to_recordset($1::jsonb) AS a(kind text, schema text, name text, arguments int)
  CROSS JOIN LATERAL (
    SELECT p.oid, p.pronamespace AS namespace FROM pg_proc p
    WHERE a.kind IN ('function', 'attribute') AND p.proname = a.name
      AND (a.arguments IS NULL OR p.provariadic <> 0
        OR a.arguments BETWEEN p.pronargs - p.pronargdefaults AND p.pronargs)
      AND (a.kind = 'function' OR EXISTS (SELECT FROM pg_type t WHERE t.oid = p.proargtypes[0]
        AND (t.typtype = 'c' OR t.typname IN ('record', 'any', 'anyelement', 'anynonarray', 'anycompatible'))))
    UNION ALL
    SELECT o.oprcode, o.oprnamespace FROM pg_operator o WHERE a.kind = 'operator' AND o.oprname = a.name
    UNION ALL
    SELECT c.castfunc, t.typnamespace FROM pg_cast c JOIN pg_type t ON t.oid = c.casttarget
    WHERE a.kind = 'cast' AND t.typname = a.name AND c.castfunc <> 0
  ) AS found
  JOIN pg_namespace n ON n.oid = found.namespace
  JOIN pg_proc p ON p.oid = found.oid
  LEFT JOIN pg_aggregate g ON g.aggfnoid = p.oid
  LEFT JOIN pg_proc t ON t.oid IN (g.aggtransfn, g.aggfinalfn) AND t.provolatile = 'v'
  WHERE n.nspname = a.schema OR (a.schema IS NULL AND n.nspname = ANY (current_schemas(true)))`

interface CalledRow {
  readonly kind: Call['kind']
  readonly name: string
  readonly isOwn: boolean
  readonly isVolatile: boolean
}

async function troubleOf(session: Session, calls: readonly Call[]): Promise<Omit<Known, 'relations'>> {
  const unique = [...new Set(calls.map((call) => JSON.stringify(call)))]
  const rows = await session.ask<CalledRow>(CALLED, [`[${unique.join(',')}]`, TRACES])
  const bad = rows.find(({isVolatile}) => isVolatile)
  const callsOthers = rows.some(({kind, isOwn}) => kind === 'function' && !isOwn)
  return {trouble: bad === undefined ? undefined : wordsOf(bad), callsOthers}
}

function wordsOf({kind, name}: CalledRow): string {
  if (kind === 'operator') return `the operator ${name} is volatile`
  if (kind === 'cast') return `the cast to ${name} is volatile`
  if (TRACES.includes(name)) return `${name}() uses up a transaction number`
  return CLOCKS.test(name) ? `${name}() is volatile: its answer differs from call to call` : `${name}() is volatile`
}

/** By name and not by to_regclass, which fails at a schema that may not be entered. Catalogue views are Postgres' own, and only read. */
const RELATIONS = `
  SELECT ${OURS} c.nspname AS schema, c.relname AS name,
    CASE WHEN c.relkind = 'v' AND c.nspname NOT IN ('pg_catalog', 'information_schema')
      THEN ARRAY[pg_get_viewdef(c.oid)] ELSE '{}' END
    || coalesce((SELECT array_agg('SELECT ' || pg_get_expr(o.polqual, o.polrelid)) FROM pg_policy o
      WHERE o.polrelid = c.oid AND o.polcmd IN ('r', '*') AND o.polqual IS NOT NULL
        AND row_security_active(c.oid)), '{}') AS texts
  FROM jsonb_to_recordset($1::jsonb) AS a(schema text, name text)
  CROSS JOIN LATERAL (
    SELECT c.oid, c.relname, c.relkind, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = a.name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND (n.nspname = a.schema OR (a.schema IS NULL AND n.nspname = ANY (current_schemas(true))))
    ORDER BY array_position(current_schemas(true), n.nspname) LIMIT 1
  ) AS c
  ORDER BY 1, 2`

function relationsOf(session: Session, relations: readonly Named[]): Promise<readonly Found[]> {
  return session.ask<Found>(RELATIONS, [JSON.stringify(relations)])
}
