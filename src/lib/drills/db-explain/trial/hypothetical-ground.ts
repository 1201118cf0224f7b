/** Indexes in the planner's mind only, by HypoPG: nothing is made, so that nothing can be run on them. */
import type {Bytes} from '../../../base/units.js'
import type {Session} from '../../../protocols/postgres/session.js'
import {ddlOf} from '../advice/ddl.js'
import type {IndexDesign, IndexMethod} from '../advice/index-design.js'
import {refusalOf} from './refusal.js'
import type {Built, NotBuilt, TrialGround} from './trial-ground.js'

/** Of the others HypoPG cannot estimate the size: https://github.com/HypoPG/hypopg/issues/97 */
const POSSIBLE: readonly IndexMethod[] = ['btree', 'brin', 'hash']

interface Made {
  readonly oid: string
  readonly name: string
}

const MAKE = `SELECT indexrelid::text AS oid, indexname AS name FROM hypopg_create_index($1)`
const SIZE = `SELECT hypopg_relation_size($1::oid)::float8 AS bytes`

/** Whether the extension is there and its functions are found. */
export async function hasHypoPg(session: Session): Promise<boolean> {
  const [row] = await session.ask<{there: boolean}>(`SELECT to_regproc('hypopg_create_index') IS NOT NULL AS there`)
  return row?.there === true
}

/**
 * What is not to be seen is taken back and made again later, since hiding came with version 1.4 only; it gets another name then. Nothing of it
 * is part of a transaction: disposing is what clears it.
 */
export function hypotheticalGround(session: Session): TrialGround {
  const made = new Map<Built, Made | undefined>()
  const take = async (built: Built) => {
    const oid = made.get(built)?.oid
    if (oid !== undefined) await session.ask('SELECT hypopg_drop_index($1::oid)', [oid])
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
        const first = await make(session, design)
        const built = standing(design, await bytesOf(session, first), () => made.get(built)?.name ?? first.name)
        made.set(built, first)
        return built
      } catch (error) {
        return {design, reason: refusalOf(error)} satisfies NotBuilt
      }
    },
    async see(visible) {
      for (const [built, current] of [...made]) {
        if (!visible.includes(built)) await take(built)
        else if (current === undefined) made.set(built, await make(session, built.design))
      }
    },
    async drop(built) {
      await take(built)
      made.delete(built)
    },
    reads: (work) => work(),
    async [Symbol.asyncDispose]() {
      if (session.isOpen) await session.ask('SELECT hypopg_reset()')
    },
  }
}

async function bytesOf(session: Session, {oid}: Made): Promise<Bytes> {
  const [size] = await session.ask<{bytes: Bytes}>(SIZE, [oid])
  return size?.bytes ?? 0
}

/** Its name is the one of the moment. */
function standing(design: IndexDesign, bytes: number, name: () => string): Built {
  return {
    design,
    buildMs: undefined,
    bytes,
    get name() {
      return name()
    },
    get names() {
      return [name()]
    },
  }
}

function impossible({method, unique}: IndexDesign): string | undefined {
  if (!POSSIBLE.includes(method)) return `HypoPG cannot imagine a ${method} index; --copy or --allow-ddl would try it`
  return unique === true ? 'HypoPG cannot tell whether the values are unique' : undefined
}

/** HypoPG finds a name of its own, whatever name the statement has. */
async function make(session: Session, design: IndexDesign): Promise<Made> {
  const [row] = await session.ask<Made>(MAKE, [ddlOf(design)])
  if (row === undefined) throw new Error('HypoPG made no index and said nothing')
  return row
}
