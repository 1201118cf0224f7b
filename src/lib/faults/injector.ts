/** What does one fault, inside the agent: prepare while all is well, inject, revert. */
import type {Clock} from '../base/clock.js'
import type {Random} from '../base/random.js'
import type {FaultGround, FaultPreview, PlannedFault} from './fault.js'

export interface Injector {
  /**
   * Opens every connection that injecting and reverting will take, and proves the privilege without harming anyone.
   * Throws a TargetError (cannot be reached or used) or a UsageError (refused: names the proxy fault as the way out).
   */
  prepare(): Promise<FaultPreview>
  /**
   * Only of sticky faults: what a later process needs to undo it, read before the change; written to the journal (fsync) before `inject`.
   * Carries no password.
   */
  undoing?(): Promise<Readonly<Record<string, unknown>>>
  /** Resolves when the fault is in force. */
  inject(): Promise<void>
  /** Puts everything back; harmless when nothing was injected, and when called twice. Rejects when it cannot. */
  revert(): Promise<void>
  /** What was counted. */
  evidence(): Readonly<Record<string, number | string>>
  /** Lets go of every connection. Never rejects. */
  close(): Promise<void>
}

export interface InjectorKit {
  readonly clock: Clock
  readonly random: Random
  readonly ground: FaultGround
  /** Marks our own connections: `proofload:<runId>`, as client name and application name. */
  readonly mark: string
}

export type MakeInjector = (fault: PlannedFault, kit: InjectorKit) => Injector
