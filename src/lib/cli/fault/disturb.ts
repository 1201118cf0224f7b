/** One fault by hand: settle, ask for permission, show whom it hits, inject, wait, revert, and tell what was done. */
import {randomUUID} from 'node:crypto'
import type {Clock} from '../../base/clock.js'
import {UsageError} from '../../base/errors.js'
import {exactDuration} from '../../base/format-units.js'
import {didYouMean} from '../../base/nearest.js'
import {freshSeed} from '../../base/random.js'
import type {Ms} from '../../base/units.js'
import {type FaultAgent, startAgent} from '../../faults/agent/agent.js'
import {FAULT_NAMES, FAULTS} from '../../faults/catalogue.js'
import type {FaultClass, FaultPreview, FaultRecord, PlannedFault} from '../../faults/fault.js'
import {formatCall} from '../../faults/grammar.js'
import {settleFaults} from '../../faults/settle.js'
import type {Progress} from '../../report/progress.js'
import type {Profile} from '../../targets/profile/schema.js'
import type {Belongings} from '../belongings.js'
import {SIGNAL_CODES} from '../exit-codes.js'
import type {FaultFlagValues} from '../flags/fault.js'
import type {Interrupts} from '../interrupt.js'
import {checkAllowed, groundFor, type Need, permissionsFor} from './ground.js'

const REFRESH_MS = 200

export interface DisturbGround {
  readonly clock: Clock
  readonly progress: Progress
  readonly belongings: Belongings
  readonly interrupts: Interrupts
  readonly environment: NodeJS.ProcessEnv
}

/** What `--json` prints. */
export interface Disturbance extends FaultPreview {
  readonly schema: 'proofload.fault/1'
  readonly fault: string
  readonly class: FaultClass
  /** `planned` after a dry run. */
  readonly outcome: FaultRecord['outcome']
  readonly trouble: string | null
  /** From the injection to the end of the revert; null when there was none. */
  readonly activeMs: Ms | null
  readonly evidence: FaultRecord['evidence']
  readonly exitCode: number
}

/** Throws a UsageError or a TargetError before anybody is harmed; what goes wrong later is in what it yields. */
export async function disturb(
  name: string | undefined,
  flags: FaultFlagValues,
  ground: DisturbGround,
): Promise<Disturbance> {
  const {progress, belongings, interrupts} = ground
  const need = needOf(name, flags)
  const profile = flags.profile === undefined ? undefined : await readProfile(flags.profile, ground.environment)
  const where = groundFor(need, flags.target, profile)
  const fault = settle(need, flags, where)
  await checkAllowed(need, where, permissionsFor(flags, profile))
  interrupts.signal.throwIfAborted()
  progress.note({phase: 'fault', text: `preparing ${fault.text}`})
  const agent = await startAgent({
    faults: [fault],
    ground: where,
    runId: randomUUID().slice(0, 8),
    seed: flags.seed ?? freshSeed(),
    signal: interrupts.signal,
    journal: {},
    target: fault.text,
  })
  belongings.keep('the fault', agent)
  const [preview = {server: '', hits: ''}] = agent.previews
  if (flags['dry-run']) return toldOf(fault, preview, agent, interrupts)
  progress.say(`${fault.text} on ${preview.server}: hits ${preview.hits}`)
  agent.start(ground.clock.now())
  await waitFor(agent, fault, ground)
  return toldOf(fault, preview, agent, interrupts)
}

async function readProfile(file: string, environment: NodeJS.ProcessEnv): Promise<Profile> {
  const {loadProfile} = await import('../../targets/profile/load-profile.js')
  return await loadProfile(file, environment)
}

/** Throws a UsageError for a fault that there is not. */
function needOf(fault: string | undefined, {param}: FaultFlagValues): Need {
  if (fault === undefined) throw new UsageError('which fault?', {hint: 'see proofload fault list'})
  const definition = Object.hasOwn(FAULTS, fault) ? FAULTS[fault] : undefined
  if (!definition)
    throw new UsageError(`there is no fault '${fault}', ${didYouMean(fault, [...FAULT_NAMES, 'list', 'recover'])}`)
  return {fault, needs: definition.needs, proxy: param.find(({key}) => key === 'proxy')?.value}
}

function settle(
  {fault: name}: Need,
  flags: FaultFlagValues,
  ground: Parameters<typeof startAgent>[0]['ground'],
): PlannedFault {
  const parameters = Object.fromEntries(flags.param.map(({key, value}) => [key, value]))
  if (Object.keys(parameters).length < flags.param.length) throw new UsageError('--param: the same one stands twice')
  const forMs = flags.for
  const text = `${formatCall(name, parameters)}${forMs === undefined ? '' : ` for ${exactDuration(forMs)}`}`
  const [fault] = settleFaults([{name, parameters, atMs: 0, forMs, text}], {
    durationMs: forMs ?? Infinity,
    allowSticky: flags['allow-sticky'],
    nodes: ground.nodes,
    proxies: Object.keys(ground.proxies),
  })
  if (!fault) throw new Error('no fault was settled')
  return fault
}

/** Until it is over; a signal puts it back before its time. */
async function waitFor(agent: FaultAgent, {text, forMs}: PlannedFault, ground: DisturbGround): Promise<void> {
  const {clock, progress, interrupts} = ground
  const changed = new EventTarget()
  agent.onChange(() => changed.dispatchEvent(new Event('change')))
  const startedAt = clock.now()
  for (;;) {
    const {outcome} = agent.records[0] ?? {}
    if (outcome !== 'planned' && outcome !== 'active') return
    if (interrupts.signal.aborted) {
      await agent.revertAll()
      return
    }
    const done = forMs === 0 ? {} : {done: Math.min(1, (clock.now() - startedAt) / forMs)}
    progress.note({phase: 'fault', text, ...done})
    await nextMoment(changed, clock, interrupts.signal)
  }
}

async function nextMoment(changed: EventTarget, clock: Clock, signal: AbortSignal): Promise<void> {
  const either = new AbortController()
  const wake = () => either.abort()
  changed.addEventListener('change', wake, {once: true})
  signal.addEventListener('abort', wake, {once: true})
  await clock.sleep(REFRESH_MS, either.signal)
  changed.removeEventListener('change', wake)
  signal.removeEventListener('abort', wake)
}

function toldOf(fault: PlannedFault, preview: FaultPreview, agent: FaultAgent, {by}: Interrupts): Disturbance {
  const [record] = agent.records
  const {outcome = 'planned', injectedAtMs, revertedAtMs, trouble = null, evidence = {}} = record ?? {}
  const isWell = outcome === 'planned' || outcome === 'reverted'
  return {
    schema: 'proofload.fault/1',
    fault: fault.text,
    class: fault.class,
    server: preview.server,
    hits: preview.hits,
    outcome,
    trouble,
    activeMs: injectedAtMs === undefined || revertedAtMs === undefined ? null : revertedAtMs - injectedAtMs,
    evidence,
    exitCode: !isWell ? 69 : by === undefined ? 0 : SIGNAL_CODES[by],
  }
}
