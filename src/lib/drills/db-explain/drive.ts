/** Drives a run: reads the queries and their plans, tries what they lack, measures it, and looks at what else was asked. */
import type {Kit} from '../drill.js'
import {advise} from './advise.js'
import type {CopyFacts} from './copy/copy-facts.js'
import {copyTables, settle, split} from './copy-tables.js'
import {exhibitsOf} from './exhibits.js'
import type {DbExplainFacts, Look, Proof, QueryAdvice} from './facts.js'
import {lookAt} from './look.js'
import {OwnHealth} from './own-health.js'
import type {DbExplainPlan} from './plan.js'
import {prove} from './prove.js'
import {AFTER, BEFORE, runChecks} from './run-checks.js'
import {Site} from './site.js'
import {openSqlOut, type SqlOut} from './sql-out.js'
import {evidenceOf} from './evidence.js'
import {hypoPgOf} from './trial/hypopg.js'
import {hypotheticalGround} from './trial/hypothetical-ground.js'
import {ownGround} from './trial/own-ground.js'
import {rolledBackGround} from './trial/rolled-back-ground.js'
import type {TrialGround} from './trial/trial-ground.js'
import {collect, type BoundWorkload} from './workload.js'
import type {Session} from '../../protocols/postgres/session.js'

/** Throws a TargetError when the database cannot be used, and a UsageError for queries that cannot be read. */
export async function drive(plan: DbExplainPlan, kit: Kit): Promise<DbExplainFacts> {
  await using sqlOut = await openSqlOut(plan.sqlOut)
  using health = new OwnHealth(kit)
  await using site = new Site(plan, kit)
  try {
    return await driven(plan, kit, {health, site, sqlOut})
  } catch (error) {
    throw site.explain(error)
  }
}

interface Means {
  readonly health: OwnHealth
  readonly site: Site
  readonly sqlOut: SqlOut | undefined
}

async function driven(plan: DbExplainPlan, kit: Kit, {health, site, sqlOut}: Means): Promise<DbExplainFacts> {
  health.begin('load')
  const {session, workload, copy} = await prepare(plan, kit, site)
  health.begin('advice')
  const limit = isOwn(plan) ? {limitMs: plan.statementTimeoutMs} : {}
  const looked = await lookAt(session, {queries: workload.queries, slowMs: plan.slowMs, ...limit}, kit)
  const {looks} = looked
  const checkGround = {session, looks, cores: plan.cores, door: isOwn(plan) ? site.ownDoor : undefined}
  const wanted = plan.checks
  const before = await runChecks(
    BEFORE.filter((name) => wanted.includes(name)),
    checkGround,
    kit,
  )
  const advice = await advise(session, looks)
  await using ground = await groundFor(plan, kit, {site, session})
  const proof = await tryAll(ground, {plan, looks, advice, measuring: () => health.begin('measurement')}, kit)
  health.begin('checks')
  if (proof && ground?.kind === 'own') await ground.see(proof.choice.chosen.map(({built}) => built))
  const after = await runChecks(
    AFTER.filter((name) => wanted.includes(name)),
    checkGround,
    kit,
  )
  const found = {
    looks,
    skipped: [...workload.skipped, ...looked.refused],
    refused: looked.refused,
    advice,
    proof,
    checked: [...before, ...after],
    copy,
  }
  await sqlOut?.write(found)
  return {...health.facts(), faults: [], evidence: evidenceOf(plan, found), exhibits: exhibitsOf(plan, found), ...found}
}

const LEVEL_WORDS = 'only reading: nothing is built at the target, and no speed-up is claimed'

interface Prepared {
  /** In which is looked and tried. */
  readonly session: Session
  readonly workload: BoundWorkload
  readonly copy: CopyFacts | undefined
}

async function prepare(plan: DbExplainPlan, kit: Kit, site: Site): Promise<Prepared> {
  const {level} = plan
  if (level === 'practice') {
    const session = await site.own()
    return {session, workload: await collect(plan, session, kit), copy: undefined}
  }
  if (level === 'read') kit.note({phase: 'load', text: LEVEL_WORDS})
  const session = await site.reader()
  const workload = await collect(plan, session, kit)
  if (level !== 'copy') return {session, workload, copy: undefined}
  const copied = await copyTables(plan, kit, {session, workload})
  const own = await site.own()
  if (kit.lab) await settle(own, kit.lab, plan.settings)
  return {session: own, workload: await split(workload, copied, own), copy: copied.copy}
}

function isOwn({level}: DbExplainPlan): boolean {
  return level === 'practice' || level === 'copy'
}

/** Undefined where nothing can be tried. */
async function groundFor(
  plan: DbExplainPlan,
  kit: Kit,
  {site, session}: {readonly site: Site; readonly session: Session},
): Promise<TrialGround | undefined> {
  const {clock, signal} = kit
  if (signal.aborted) return undefined
  if (isOwn(plan)) return ownGround(session, {clock})
  if (plan.level === 'trial') {
    kit.note({phase: 'advice', text: 'watching which tables are written to'})
    const [writer, watcher] = [await site.writer(), await site.writer()]
    return await rolledBackGround(writer, {
      watcher,
      clock,
      signal,
      limits: {statementTimeoutMs: plan.statementTimeoutMs},
    })
  }
  const hypoPg = await hypoPgOf(session)
  return hypoPg === undefined ? undefined : hypotheticalGround(session, hypoPg)
}

interface Trying {
  readonly plan: DbExplainPlan
  readonly looks: readonly Look[]
  readonly advice: readonly QueryAdvice[]
  readonly measuring: () => void
}

async function tryAll(ground: TrialGround | undefined, trying: Trying, kit: Kit): Promise<Proof | undefined> {
  return ground === undefined || kit.signal.aborted ? undefined : await prove(ground, trying, kit)
}
