/** What comes onto tables when their rows are there: constraints, indexes, statistics, foreign keys; and the views over them. */
import type {Session} from '../../../protocols/postgres/session.js'
import type {Making} from './attempts.js'
import {OF_THE_USER, USER_SCHEMA} from './source-tables.js'

/** $1: oids of the tables that are copied. What comes from a parent comes with the parent. A primary key goes first, as a foreign key needs it. */
const CONSTRAINTS = `
  SELECT format('constraint %I of %s', k.conname, k.conrelid::regclass) AS what,
         format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) AS sql
    FROM pg_constraint k
   WHERE k.conrelid = ANY ($1::oid[]) AND k.contype IN ('p', 'u', 'x', 'c') AND k.conislocal AND k.conparentid = 0
   ORDER BY k.contype <> 'c', k.contype <> 'p', k.conname`

/** Those of constraints come with them, those of partitions with the partitioned table; one that is not valid serves nobody. Without ONLY a partitioned table's index is made on its partitions too. */
const INDEXES = `
  SELECT format('index %s', i.indexrelid::regclass) AS what, replace(pg_get_indexdef(i.indexrelid), format('INDEX %I ON ONLY ', c.relname), format('INDEX %I ON ', c.relname)) AS sql
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
   WHERE i.indrelid = ANY ($1::oid[]) AND i.indisvalid
     AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
     AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
   ORDER BY i.indexrelid::regclass::text`

const CLUSTERED_AND_TUNED = `
  SELECT format('statistics target of %s', a.attrelid::regclass) AS what,
         format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', a.attrelid::regclass, a.attnum, a.attstattarget) AS sql
    FROM pg_attribute a JOIN pg_index i ON i.indexrelid = a.attrelid
   WHERE i.indrelid = ANY ($1::oid[]) AND a.attstattarget >= 0 AND i.indisvalid`

const STATISTICS = `
  SELECT format('statistics %I.%I', n.nspname, s.stxname) AS what,
         pg_get_statisticsobjdef(s.oid) || CASE WHEN s.stxstattarget >= 0
           THEN format('; ALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, s.stxname, s.stxstattarget) ELSE '' END AS sql
    FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxrelid = ANY ($1::oid[])`

const FOREIGN_KEYS = `
  SELECT format('constraint %I of %s', k.conname, k.conrelid::regclass) AS what,
         format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) AS sql
    FROM pg_constraint k
   WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid = ANY ($1::oid[]) AND k.confrelid = ANY ($1::oid[])
   ORDER BY k.conname`

const VIEWS = `
  SELECT format('view %I.%I', n.nspname, c.relname) AS what,
         format('CREATE VIEW %I.%I%s AS %s', n.nspname, c.relname,
           CASE WHEN c.reloptions IS NULL THEN '' ELSE ' WITH (' || array_to_string(c.reloptions, ', ') || ')' END,
           rtrim(pg_get_viewdef(c.oid), ';')) AS sql
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind = 'v' AND ${USER_SCHEMA('n.nspname')} AND ${OF_THE_USER('c', 'pg_class')}`

/** Where sequences stand, so that what is inserted into the copy gets a number of its own. */
const POSITIONS = `
  SELECT format('position of %I.%I', schemaname, sequencename) AS what,
         format('SELECT pg_catalog.setval(%L, %s)', format('%I.%I', schemaname, sequencename), last_value) AS sql
    FROM pg_sequences WHERE last_value IS NOT NULL AND ${USER_SCHEMA('schemaname')}`

export interface DressMakings {
  readonly constraints: readonly Making[]
  readonly indexes: readonly Making[]
  readonly statistics: readonly Making[]
  readonly foreignKeys: readonly Making[]
  readonly views: readonly Making[]
  readonly positions: readonly Making[]
}

/** In a transaction whose search path is pg_catalog alone. */
export async function readDress(source: Session, oids: readonly number[]): Promise<DressMakings> {
  const of = (query: string) => source.ask<Making>(query, [oids])
  return {
    constraints: await of(CONSTRAINTS),
    indexes: [...(await of(INDEXES)), ...(await of(CLUSTERED_AND_TUNED))],
    statistics: await of(STATISTICS),
    foreignKeys: await of(FOREIGN_KEYS),
    views: await source.ask<Making>(VIEWS),
    positions: await source.ask<Making>(POSITIONS),
  }
}
