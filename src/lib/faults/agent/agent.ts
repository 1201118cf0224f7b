/** The faults of a run as the CLI sees them: one detached agent process injects and reverts on time, whatever becomes of us. */
import {HostClock} from '../../base/clock.js'
import {redact} from '../../base/redact.js'
import type {Ms} from '../../base/units.js'
import {revive} from '../../load/serialised-error.js'
import type {FaultGround, FaultPreview, FaultRecord, FaultRun, PlannedFault} from '../fault.js'
import {stateDirectory} from '../journal/state-directory.js'
import {AgentLine} from './agent-line.js'
import type {AgentOrder, FromAgent, ToAgent} from './messages.js'

const clock = new HostClock()

export interface AgentOptions {
  readonly faults: readonly PlannedFault[]
  readonly ground: FaultGround
  readonly runId: string
  readonly seed: string
  /** Aborted while it prepares: rejects with the reason. Aborted later: reverts at once. */
  readonly signal?: AbortSignal
  /** Where journals and locks are kept; the user's state directory by default. */
  readonly journal: {readonly directory?: string}
  /** Who is disturbed, for messages. */
  readonly target: string
}

export interface FaultAgent extends FaultRun, AsyncDisposable {
  /** One a fault, in their order: what the preflight found. */
  readonly previews: readonly FaultPreview[]
}

/**
 * Starts the agent; it opens every connection, proves every privilege and takes the locks, and harms nobody before `start`. Throws a TargetError or a
 * UsageError of what cannot be prepared, and a UsageError when another run disturbs the same server. Disposing of it reverts what is active.
 */
export async function startAgent(options: AgentOptions): Promise<FaultAgent> {
  const {faults, ground, runId, seed, signal, target} = options
  signal?.throwIfAborted()
  const command = redact(`proofload ${process.argv.slice(2).join(' ')}`)
  const state = stateDirectory(options.journal.directory)
  const agent = new Agent({faults, ground, runId, seed, command, target, stateDirectory: state})
  try {
    await agent.prepare(signal)
    return agent
  } catch (error) {
    await agent[Symbol.asyncDispose]()
    throw error
  }
}

class Agent implements FaultAgent {
  previews: readonly FaultPreview[] = []
  readonly #records: FaultRecord[]
  readonly #listeners: (() => void)[] = []
  readonly #line: AgentLine
  #asked: {resolve(): void; reject(error: Error): void} | undefined
  #reverted: Promise<void> | undefined
  #ending = false
  #forget: () => void = () => undefined

  constructor(readonly order: AgentOrder) {
    this.#records = order.faults.map((fault) => ({
      fault,
      injectedAtMs: undefined,
      revertedAtMs: undefined,
      outcome: 'planned',
      evidence: {},
    }))
    this.#line = new AgentLine({hear: (message) => this.#hear(message), ended: (how) => this.#mourn(how)})
  }

  get records(): readonly FaultRecord[] {
    return this.#records
  }

  async prepare(signal: AbortSignal | undefined): Promise<void> {
    const onAbort = () => this.#asked?.reject(signal?.reason as Error)
    signal?.addEventListener('abort', onAbort)
    try {
      await this.#ask({kind: 'order', order: this.order})
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
    signal?.throwIfAborted()
    const onLaterAbort = () => void this.revertAll()
    signal?.addEventListener('abort', onLaterAbort)
    this.#forget = () => signal?.removeEventListener('abort', onLaterAbort)
  }

  start(startAtMs: Ms): void {
    this.#line.tell({kind: 'start', startAtMs})
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  revertAll(): Promise<void> {
    return (this.#reverted ??= this.#ask({kind: 'revert'}).catch(() => undefined))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#forget()
    this.#ending = true
    await this.#line.end()
    await this.#reverted
  }

  /** Resolves at the agent's answer; rejects with its error, and when it died. */
  #ask(message: ToAgent): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#asked = {resolve, reject}
      if (!this.#line.tell(message)) reject(new Error('the fault agent is gone'))
    })
  }

  #hear(message: FromAgent): void {
    switch (message.kind) {
      case 'ready':
        this.previews = message.previews
        return this.#asked?.resolve()
      case 'reverted':
        return this.#asked?.resolve()
      case 'failed':
        return this.#asked?.reject(revive(message.error))
      case 'record':
        return this.#set(message.index, message.record)
    }
  }

  /** The agent is gone: what it could not put back any more, we do ourselves, from its journal. */
  #mourn(how: string): void {
    this.#asked?.reject(new Error(`the fault agent ended: ${how}`))
    this.#records.forEach((record, index) => this.#set(index, orphaned(record, how)))
    if (this.#ending || this.#records.every(({outcome}) => outcome !== 'not reverted')) return
    this.#reverted = this.#recover().catch(() => undefined)
  }

  async #recover(): Promise<void> {
    const {recover} = await import('../journal/recover.js')
    const {stateDirectory: state, ground, runId} = this.order
    const runs = await recover({state, ground, runId, force: false, now: () => clock.date()})
    for (const {index, outcome} of runs.flatMap(({faults}) => faults)) {
      const record = this.#records[index]
      if (record && outcome === 'reverted') this.#set(index, {...record, outcome, revertedAtMs: clock.now()})
    }
  }

  #set(index: number, record: FaultRecord): void {
    this.#records[index] = record
    for (const listener of this.#listeners) listener()
  }
}

/** What the server puts right by itself, it has put right as soon as the agent's connections were gone. */
function orphaned(record: FaultRecord, how: string): FaultRecord {
  const trouble = `the fault agent ended: ${how}`
  if (record.outcome === 'planned') return {...record, outcome: 'not injected', trouble}
  if (record.outcome !== 'active') return record
  const {class: kind} = record.fault
  if (kind === 'sticky' || kind === 'proxied') return {...record, outcome: 'not reverted', trouble}
  return {...record, outcome: 'reverted', revertedAtMs: clock.now(), trouble}
}
