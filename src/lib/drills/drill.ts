/** One experiment: decide, do, judge. Only `drive` touches the world. */
import type {Clock} from '../base/clock.js'
import type {Random} from '../base/random.js'
import type {Bytes, Ms} from '../base/units.js'
import type {FaultFacts} from '../faults/course/account.js'
import type {Orders} from '../faults/course/course.js'
import type {NodeHandle, PlannedFault} from '../faults/fault.js'
import type {FaultSpec} from '../faults/grammar.js'
import type {GeneratorFacts} from '../load/generator.js'
import type {Notes} from '../load/noting.js'
import type {Curve} from '../metrics/curve.js'
import type {Exhibit} from '../metrics/exhibit.js'
import type {MetricCatalogue, Phase} from '../metrics/metric.js'
import type {Series} from '../metrics/series.js'
import type {Profile} from '../targets/profile/schema.js'
import type {Target, Tls} from '../targets/target.js'
import type {Checked} from '../verdict/finding.js'
import type {WatchSpec} from '../watch/spec.js'

export interface Drill<Input, Plan extends PlanFrame, Facts extends FactsFrame> {
  readonly name: string
  /** Every metric it can report. */
  readonly metrics: MetricCatalogue
  /** The distribution that users feel: what watched systems do is held against it. */
  readonly latency: string
  /** What may be tried next. Pure. */
  next(plan: Plan): NextTries
  /** Pure; throws a UsageError. The plan is frozen and JSON-printable. */
  plan(input: Input): Plan
  /** The only impure step. Throws a TargetError when the target cannot be used at all. */
  drive(plan: Plan, kit: Kit): Promise<Facts>
  /** Pure: evidence to metrics and doubts; the base judges thresholds on them. */
  check(plan: Plan, facts: Facts): Checked
}

/** In words that go on a line of the report; flags are those of the drill. */
export interface NextTries {
  /** After a run that passed against the practice target: a command for a system of the user's own. */
  readonly ownSystem: string
  /** After one that decided nothing: what may decide it, and which flags to add to the same ones. */
  readonly undecided: {readonly what: string; readonly flags: string}
}

/** What every plan holds, beside the drill's own decisions. */
export interface PlanFrame {
  readonly drill: string
  readonly seed: string
  /** Names of the phases, in their order; a threshold can be bound to one. */
  readonly phases: readonly string[]
  /** Default thresholds, with numbers already computed. */
  readonly thresholds: readonly string[]
  /**
   * Only of a search: the thresholds that each of its levels is held to. What the user asks of other metrics than those of `thresholds` is
   * put here, in place of a default with the same left side.
   */
  readonly levelThresholds?: readonly string[]
  /** By time, from the start of steady; empty in a run without faults. */
  readonly faults: readonly PlannedFault[]
  /** It makes tables at a target of the user's own, which takes a permission on this machine too. */
  readonly makesTables?: boolean
  /** Beside a target of the user's own it needs an empty Postgres of ours, for a copy. */
  readonly lab?: boolean
  /** What the practice target must offer when the drill runs without a target. */
  readonly practice: PracticeNeeds
  readonly needs: MachineNeeds
}

export interface PracticeNeeds {
  /** Processes of the practice target. */
  readonly nodes: number
  /** What of it is put under load; its chat by default. `database` is a Postgres full of data with no chat before it. */
  readonly reach?: 'chat' | 'redis' | 'postgres' | 'database'
  /** Of the reach `database`: its messages. */
  readonly database?: {readonly rows: number}
  /** Its nodes, Redis and Postgres are watched unasked. */
  readonly watched?: boolean
  /** Members that its rooms may have. */
  readonly roomCap?: number
  /** How long a connection may be silent both ways. */
  readonly idleMs?: Ms
}

/** What the plan asks of this machine; the preflight holds it against what there is. */
export interface MachineNeeds {
  readonly workers: number
  /** Descriptors that the fullest worker opens. */
  readonly descriptorsPerWorker: number
  readonly sockets: number
  readonly memoryBytes: Bytes
}

/** The part of every drill's input that comes from the common flags. */
export interface CommonInput {
  /** Worker processes; undefined lets the plan choose. */
  readonly workers: number | undefined
  readonly seed: string
  /** One URL a node; empty means the practice target. */
  readonly targets: readonly string[]
  readonly profile: Profile
  /** Own addresses to connect from; empty lets the plan choose. */
  readonly sourceAddresses: readonly string[]
  readonly tls: Tls
  /** Added to every request and handshake. */
  readonly headers: Readonly<Record<string, string>>
  readonly machine: Machine
  readonly faults: FaultRequest
  /** From --watch. */
  readonly watch: readonly WatchSpec[]
}

/** What is to be broken meanwhile; the plan holds it against the catalogue and its own length. */
export interface FaultRequest {
  readonly specs: readonly FaultSpec[]
  /** Faults may be used that only we can put right again. */
  readonly allowSticky: boolean
  /** What faults can be told to act on; undefined: known when the target has started. */
  readonly nodes?: readonly NodeHandle[]
  readonly proxies?: readonly string[]
}

/** What this machine allows, read by `cli` so that planning stays pure. */
export interface Machine {
  readonly cores: number
  readonly memoryBytes: Bytes
  /** Descriptors that one process may open; it cannot always be raised. */
  readonly descriptorsPerProcess: number
  /** Ephemeral ports for one source address towards one target address and port. */
  readonly ephemeralPorts: number
  readonly platform: string
}

/** A Postgres that is all ours: the practice database itself, or an empty one beside the target of a user. The URLs carry passwords. */
export interface Lab {
  /** As a superuser. */
  readonly adminUrl: string
  /** The same database as its owner, who is no superuser. */
  readonly url: string
  readonly redisUrl?: string
  /** Of the practice database: its workload, as a file of queries has it. */
  readonly queries?: string
  /** Of the practice database: statements that its backend sends one after the other, to be watched. */
  readonly traffic?: readonly string[]
}

/** Everything impure a drill may touch, handed in, so that a test can hand in its own. */
export interface Kit extends Notes {
  readonly clock: Clock
  readonly random: Random
  /** Aborts on the first Ctrl-C: stop the load, return what was measured. */
  readonly signal: AbortSignal
  readonly target: Target
  /** Where the plan asks for one: `practice.reach` is `database` and there is no target, or `lab` and there is one. */
  readonly lab?: Lab
  /** Unique to this run, [0-9a-z]{8}: marks our messages among others. */
  readonly runId: string
  /** Faults and conditions that end the run early, for a course to follow. */
  readonly orders: Orders
}

/** What every drill brings home, beside its own evidence. */
export interface FactsFrame {
  /** The run's start on the clock; phases and the seconds of the series count from there. */
  readonly startedAtMs: Ms
  readonly phases: readonly Phase[]
  readonly series: Series
  readonly generator: GeneratorFacts
  /** What each fault did; empty in a run without faults. */
  readonly faults: readonly FaultFacts[]
  /** Only of a search: what it found at each level. */
  readonly curve?: Curve
  /** What is shown beside the verdict: plans, statements to apply. */
  readonly exhibits?: readonly Exhibit[]
  /** The drill's own evidence, JSON-printable, for the report's `facts`. */
  readonly evidence: Readonly<Record<string, unknown>>
}
