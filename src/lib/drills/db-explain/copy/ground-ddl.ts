/** What tables stand on: extensions, schemas, collations, types, functions and sequences, as statements that the source's catalogue yields. */
import type {Session} from '../../../protocols/postgres/session.js'
import type {Making} from './attempts.js'
import {OF_THE_USER, USER_SCHEMA} from './source-tables.js'

/** Made by the superuser. The server's own language is there already. */
const EXTENSIONS = `
  SELECT format('extension %I', e.extname) AS what,
         format('CREATE SCHEMA IF NOT EXISTS %I; CREATE EXTENSION IF NOT EXISTS %I SCHEMA %I', n.nspname, e.extname, n.nspname) AS sql
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname <> 'pg_catalog'
  UNION ALL
  SELECT format('extension %I', e.extname), format('CREATE EXTENSION IF NOT EXISTS %I', e.extname)
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname = 'pg_catalog'`

const SCHEMAS = `
  SELECT format('schema %I', n.nspname) AS what, format('CREATE SCHEMA IF NOT EXISTS %I', n.nspname) AS sql
    FROM pg_namespace n WHERE ${USER_SCHEMA('n.nspname')} AND ${OF_THE_USER('n', 'pg_namespace')}`

/** Columns that a catalogue lacks before a version are asked for by their name in JSON. */
const COLLATIONS = `
  SELECT format('collation %I.%I', n.nspname, c.collname) AS what,
         format('CREATE COLLATION %I.%I (provider = %s, %s, deterministic = %s)', n.nspname, c.collname,
           CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
           CASE WHEN c.collprovider IN ('i', 'b')
                THEN format('locale = %L', coalesce(to_jsonb(c) ->> 'colliculocale', to_jsonb(c) ->> 'colllocale', c.collcollate))
                ELSE format('lc_collate = %L, lc_ctype = %L', c.collcollate, c.collctype) END, c.collisdeterministic::text) AS sql
    FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
   WHERE ${USER_SCHEMA('n.nspname')} AND ${OF_THE_USER('c', 'pg_collation')}`

const ENUMS = `
  SELECT format('type %I.%I', n.nspname, t.typname) AS what,
         format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname,
           (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)) AS sql
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
   WHERE t.typtype = 'e' AND ${USER_SCHEMA('n.nspname')} AND ${OF_THE_USER('t', 'pg_type')}`

const COMPOSITES = `
  SELECT format('type %I.%I', n.nspname, t.typname) AS what,
         format('CREATE TYPE %I.%I AS (%s)', n.nspname, t.typname,
           (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
              FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)) AS sql
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
   WHERE ${USER_SCHEMA('n.nspname')} AND ${OF_THE_USER('t', 'pg_type')} AND ${OF_THE_USER('c', 'pg_class')}`

const RANGES = `
  SELECT format('type %I.%I', n.nspname, t.typname) AS what,
         format('CREATE TYPE %I.%I AS RANGE (SUBTYPE = %s)', n.nspname, t.typname, format_type(r.rngsubtype, NULL)) AS sql
    FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace
   WHERE ${USER_SCHEMA('n.nspname')} AND ${OF_THE_USER('t', 'pg_type')}`

const DOMAINS = `
  SELECT format('domain %I.%I', n.nspname, t.typname) AS what,
         format('CREATE DOMAIN %I.%I AS %s%s%s%s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod),
           ' DEFAULT ' || t.typdefault, CASE WHEN t.typnotnull THEN ' NOT NULL' END,
           (SELECT string_agg(format(' CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), '' ORDER BY k.conname)
              FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c')) AS sql
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
   WHERE t.typtype = 'd' AND ${USER_SCHEMA('n.nspname')} AND ${OF_THE_USER('t', 'pg_type')}`

const FUNCTIONS = `
  SELECT format('function %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS what,
         pg_get_functiondef(p.oid) AS sql
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
   WHERE p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype AND p.prorettype <> 'event_trigger'::regtype
     AND ${USER_SCHEMA('n.nspname')} AND ${OF_THE_USER('p', 'pg_proc')}`

/** Those of identity columns come with them. */
const SEQUENCES = `
  SELECT format('sequence %I.%I', n.nspname, c.relname) AS what,
         format('CREATE SEQUENCE %I.%I AS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s%s', n.nspname, c.relname,
           format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache,
           CASE WHEN s.seqcycle THEN ' CYCLE' END) AS sql
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE ${USER_SCHEMA('n.nspname')} AND ${OF_THE_USER('c', 'pg_class')}
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i')`

export interface GroundMakings {
  readonly extensions: readonly Making[]
  readonly schemas: readonly Making[]
  /** They may need each other, and tables may need them, or they tables. */
  readonly types: readonly Making[]
  readonly functions: readonly Making[]
}

/** In a transaction whose search path is pg_catalog alone. */
export async function readGround(source: Session): Promise<GroundMakings> {
  const all = async (queries: readonly string[]): Promise<Making[]> => {
    const found: Making[] = []
    for (const query of queries) found.push(...(await source.ask<Making>(query)))
    return found
  }
  return {
    extensions: await all([EXTENSIONS]),
    schemas: await all([SCHEMAS]),
    types: await all([COLLATIONS, ENUMS, COMPOSITES, RANGES, DOMAINS, SEQUENCES]),
    functions: await all([FUNCTIONS]),
  }
}
