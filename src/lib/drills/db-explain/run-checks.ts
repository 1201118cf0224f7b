/** Runs the checks that were asked for, one after the other, and turns each into metrics and sentences. */
import type {Ms} from '../../base/units.js'
import type {Door} from '../../protocols/postgres/connect.js'
import type {Session} from '../../protocols/postgres/session.js'
import type {Kit} from '../drill.js'
import {quoted} from './advice/ddl.js'
import {judgeCacheHit} from './checks/cache-hit/judge.js'
import {runCacheHit} from './checks/cache-hit/run.js'
import {judgeCache} from './checks/cache/judge.js'
import {runCache} from './checks/cache/run.js'
import type {CheckResult} from './checks/check.js'
import {judgeInserts} from './checks/inserts/judge.js'
import {runInserts} from './checks/inserts/run.js'
import {judgeMaintenance} from './checks/maintenance/judge.js'
import {runMaintenance} from './checks/maintenance/run.js'
import {judgeNPlusOne} from './checks/n-plus-one/judge.js'
import {runNPlusOne} from './checks/n-plus-one/run.js'
import {findPageOrders} from './checks/pagination/page-order.js'
import {judgePagination} from './checks/pagination/judge.js'
import {runPagination} from './checks/pagination/run.js'
import {judgePool} from './checks/pool/judge.js'
import {runPool} from './checks/pool/run.js'
import {judgeUnused} from './checks/unused/judge.js'
import {runUnused} from './checks/unused/run.js'
import type {Look} from './facts.js'
import type {CheckName} from './input.js'
import {relationsOf} from './plans/relations-of.js'

export interface CheckGround {
  readonly session: Session
  /** Of a database of our own; undefined at a target. */
  readonly door: Door | undefined
  readonly looks: readonly Look[]
  readonly cores: number
}

const REDIS_TIMEOUT: Ms = 2000

type CheckOf = (ground: CheckGround, kit: Kit) => Promise<CheckResult>

const OF: Readonly<Record<CheckName, CheckOf>> = {
  'cache-hit': async ({session, looks}, kit) => {
    const workload = () => runAll(session, looks)
    return judgeCacheHit(await runCacheHit({session, workload}, kit))
  },
  pagination: async ({session, door, looks}, kit) => {
    const orders = await findPageOrders(looks.map(({query}) => query))
    return judgePagination(await runPagination({session, orders, own: door !== undefined}, kit))
  },
  cache: async ({door, looks}, kit) => {
    const url = kit.lab?.redisUrl
    const redis = url === undefined ? undefined : {url, tls: {insecure: false}, timeoutMs: REDIS_TIMEOUT}
    const queries = looks.map(({query}) => query)
    return judgeCache(await runCache({door: ownDoor(door), redis, queries, own: true, runId: kit.runId}, kit))
  },
  'n-plus-one': async ({session, looks}, kit) => {
    const {traffic} = kit.lab ?? {}
    const pattern = async () => {
      for (const statement of traffic ?? []) await session.read(statement)
      if (traffic === undefined) await runAll(session, looks)
    }
    return judgeNPlusOne(await runNPlusOne({session, pattern}, kit))
  },
  pool: async ({door, looks, cores}, kit) => {
    const queries = looks.map(({query}) => query)
    return judgePool(await runPool({door: ownDoor(door), cores, queries}, kit))
  },
  unused: async ({session, door}, kit) => judgeUnused(await runUnused({session, own: door !== undefined}, kit)),
  inserts: async ({door, looks}, kit) => {
    const tables = relationsOf(looks.flatMap(({plans}) => plans))
    const names = tables.map(({schema, name}) => `${quoted(schema)}.${quoted(name)}`)
    return judgeInserts(await runInserts({door: ownDoor(door), tables: names, own: true}, kit))
  },
  maintenance: async ({session, looks}, kit) => {
    const plans = looks.flatMap(({query, plans: all}) => all.map((plan) => ({query: query.name, plan})))
    return judgeMaintenance(await runMaintenance({session, plans}, kit))
  },
}

/** Whatever looks at the database as it was goes first; what runs on the advised indexes, and what writes, goes last. */
export const BEFORE: readonly CheckName[] = ['unused', 'maintenance', 'n-plus-one']
export const AFTER: readonly CheckName[] = ['cache-hit', 'pagination', 'cache', 'pool', 'inserts']

export async function runChecks(names: readonly CheckName[], ground: CheckGround, kit: Kit): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  // A check runs a query many times: one that nobody waits for to the end would take all the time there is.
  const looks = ground.looks.filter(({query}) => query.givenUpMs === undefined)
  for (const name of names) if (!kit.signal.aborted) results.push(await OF[name]({...ground, looks}, kit))
  return results
}

async function runAll(session: Session, looks: readonly Look[]): Promise<void> {
  for (const {query} of looks) for (const {values} of query.bindings) await session.read(query.sql, values)
}

function ownDoor(door: Door | undefined): Door {
  if (door === undefined) throw new Error('this check is only run on a database of our own')
  return door
}
