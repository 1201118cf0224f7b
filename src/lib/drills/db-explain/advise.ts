/** From the plans of the slow queries to the indexes that are worth trying. */
import type {Session} from '../../protocols/postgres/session.js'
import type {Look, QueryAdvice} from './facts.js'
import {candidatesFor} from './advice/candidates/candidates-for.js'
import {readServerFacts} from './advice/catalogue/read-server-facts.js'
import {factsOf, readTableFacts} from './advice/catalogue/read-table-facts.js'
import {findScans} from './advice/scans/find-scans.js'
import type {Scan} from './advice/scans/scan.js'
import type {Plan} from './plans/plan-node.js'
import {relationsOf} from './plans/relations-of.js'

/** Of each query, in their order. */
export async function advise(session: Session, looks: readonly Look[]): Promise<readonly QueryAdvice[]> {
  const slow = looks.filter((look) => look.slow)
  if (slow.length === 0) return []
  const server = await readServerFacts(session)
  const tables = await readTableFacts(session, relationsOf(slow.flatMap(({plans}) => plans)))
  const advice: QueryAdvice[] = []
  for (const {query, plans} of slow) {
    const bound = query.bindings.flatMap(({values}) => values.filter((value) => value !== null))
    const scans = await scansOf(plans)
    const found = scans.flatMap((scan) => {
      const facts = factsOf(tables, scan.relation)
      return facts === undefined ? [] : [candidatesFor(scan, facts, {query: query.name, server, bound})]
    })
    const candidates = found.flatMap((one) => one.candidates)
    const winners = candidates.some(({alternative}) => alternative !== true)
    advice.push({
      query: query.name,
      candidates,
      rejected: found.flatMap((one) => one.rejected),
      partitioned: tables.filter(({kind}) => kind === 'partitioned'),
      why: winners ? [] : [...new Set(found.flatMap(({why}) => why ?? []))],
    })
  }
  return advice
}

async function scansOf(plans: readonly Plan[]): Promise<readonly Scan[]> {
  const scans: Scan[] = []
  for (const plan of plans) scans.push(...(await findScans(plan)))
  return scans
}
