/** Indexes in the planner's mind only, by HypoPG: nothing is made, so that nothing can be run on them. */
import type {Bytes} from '../../../base/units.js'
import type {Session} from '../../../protocols/postgres/session.js'
import {ddlOf, quoted} from '../advice/ddl.js'
import type {IndexDesign, IndexMethod} from '../advice/index-design.js'
import {refusalOf} from './refusal.js'
import type {Built, NotBuilt, TrialGround} from './trial-ground.js'

/** Of the others HypoPG cannot estimate the size: https://github.com/HypoPG/hypopg/issues/97 */
const POSSIBLE: readonly IndexMethod[] = ['btree', 'brin', 'hash']

interface Made {
  readonly oid: string
  readonly name: string
}

const SCHEMA = `
  SELECT n.nspname AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
   WHERE e.extname = 'hypopg' AND has_schema_privilege(n.oid, 'USAGE')`

/** The schema of the extension, which need not be on the search_path; undefined where it is not there for us. */
export async function hypoPgOf(session: Session): Promise<string | undefined> {
  const [row] = await session.ask<{schema: string}>(SCHEMA)
  return row?.schema
}

/**
 * What is not to be seen is taken back and made again later, since hiding came with version 1.4 only; it gets another name then, and all that it
 * ever had stand in plans that were kept. Nothing of it is part of a transaction: disposing is what clears it.
 */
export function hypotheticalGround(session: Session, schema: string): TrialGround {
  const hypo = callsIn(session, schema)
  const made = new Map<Built, Made | undefined>()
  const names = new Map<Built, string[]>()
  const take = async (built: Built) => {
    const oid = made.get(built)?.oid
    if (oid !== undefined) await hypo.drop(oid)
    made.set(built, undefined)
  }
  return {
    kind: 'hypothetical',
    session,
    runs: false,
    stopped: new AbortController().signal,
    async build(design) {
      const reason = impossible(design)
      if (reason !== undefined) return {design, reason}
      try {
        const first = await hypo.make(design)
        const built = {
          design,
          buildMs: undefined,
          bytes: await hypo.bytes(first.oid),
          name: first.name,
          names: [first.name],
        }
        made.set(built, first)
        names.set(built, built.names)
        return built
      } catch (error) {
        return {design, reason: refusalOf(error)} satisfies NotBuilt
      }
    },
    async see(visible) {
      for (const [built, current] of [...made]) {
        if (!visible.includes(built)) await take(built)
        else if (current === undefined) {
          const again = await hypo.make(built.design)
          made.set(built, again)
          names.get(built)?.push(again.name)
        }
      }
    },
    async drop(built) {
      await take(built)
      made.delete(built)
    },
    reads: (work) => work(),
    async [Symbol.asyncDispose]() {
      if (session.isOpen) await hypo.reset()
    },
  }
}

function impossible({method, unique}: IndexDesign): string | undefined {
  if (!POSSIBLE.includes(method)) return `HypoPG cannot imagine a ${method} index; --copy or --allow-ddl would try it`
  return unique === true ? 'HypoPG cannot tell whether the values are unique' : undefined
}

interface Hypo {
  make(design: IndexDesign): Promise<Made>
  bytes(oid: string): Promise<Bytes>
  drop(oid: string): Promise<void>
  reset(): Promise<void>
}

function callsIn(session: Session, schema: string): Hypo {
  const call = `${quoted(schema)}.hypopg`
  return {
    async make(design) {
      const sql = `SELECT indexrelid::text AS oid, indexname AS name FROM ${call}_create_index($1)`
      const [row] = await session.ask<Made>(sql, [ddlOf(design)])
      if (row === undefined) throw new Error('HypoPG made no index and said nothing')
      return row
    },
    async bytes(oid) {
      const sql = `SELECT ${call}_relation_size($1::oid)::float8 AS bytes`
      const [size] = await session.ask<{bytes: Bytes}>(sql, [oid])
      return size?.bytes ?? 0
    },
    drop: async (oid) => void (await session.ask(`SELECT ${call}_drop_index($1::oid)`, [oid])),
    reset: async () => void (await session.ask(`SELECT ${call}_reset()`)),
  }
}
