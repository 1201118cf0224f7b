/** Reads what of a server decides which indexes can be made: its version, its extensions, which functions and operators are immutable. */
import type {Session} from '../../../../protocols/postgres/session.js'
import type {ServerFacts, Signature} from '../table-facts.js'

interface ServerRow {
  readonly version: number
  readonly installed: readonly string[]
  readonly available: readonly string[]
}

interface SignatureRow {
  readonly name: string
  readonly types: readonly string[]
  readonly immutable: boolean
}

const SERVER = `
  SELECT current_setting('server_version_num')::int / 10000 AS version,
         ARRAY(SELECT extname::text FROM pg_extension) AS installed,
         ARRAY(SELECT name::text FROM pg_available_extensions) AS available`

/** Functions that only the server itself can call are left out. */
const SIGNATURES = `
  SELECT p.proname AS name, p.provolatile = 'i' AS immutable,
         ARRAY(SELECT format_type(type, NULL) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS u(type, place) ORDER BY place) AS types
    FROM pg_proc p
   WHERE p.prokind = 'f' AND NOT p.proretset AND p.pronargs > 0 AND p.prorettype <> 'internal'::regtype
     AND NOT 'internal'::regtype = ANY (p.proargtypes::oid[])
  UNION ALL
  SELECT o.oprname, p.provolatile = 'i', ARRAY[coalesce(format_type(nullif(o.oprleft, 0), NULL), '-'), format_type(o.oprright, NULL)]
    FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode`

/** Once for a connection is enough. Rejects with the server's error. */
export async function readServerFacts(session: Session): Promise<ServerFacts> {
  const [server] = await session.ask<ServerRow>(SERVER)
  const signatures = new Map<string, Signature[]>()
  for (const {name, types, immutable} of await session.ask<SignatureRow>(SIGNATURES)) {
    const key = `${name}/${types.length}`
    signatures.set(key, [...(signatures.get(key) ?? []), {arguments: types, immutable}])
  }
  return {
    version: server?.version ?? 0,
    installed: new Set(server?.installed),
    available: new Set(server?.available),
    signatures,
  }
}
