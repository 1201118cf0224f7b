/** Everything that an agent holds for a run: locks, journal and faults; taken in this order, given back the other way round. */
import {renameSync, rmSync} from 'node:fs'
import {hostname} from 'node:os'
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import type {FaultPreview, FaultRecord} from '../fault.js'
import type {InjectorKit, MakeInjector} from '../injector.js'
import {ENDED, type Journal, openJournal} from '../journal/journal.js'
import {Locks} from '../journal/lock.js'
import type {Writer} from '../journal/records.js'
import {serverOf} from '../journal/servers.js'
import {identityOf} from '../node/process-identity.js'
import {seededRandom} from '../../base/random.js'
import {lockServers} from '../journal/server-locks.js'
import type {ServerLock} from '../journal/server-lock.js'
import {Courses} from './courses.js'
import type {AgentOrder} from './messages.js'

export interface StandOptions {
  readonly clock: Clock
  readonly makers: Readonly<Record<string, MakeInjector>>
  changed(index: number, record: FaultRecord): void
}

export class Stand {
  readonly courses: Courses
  readonly #locks: Locks
  readonly #writer: Writer
  #journal: Journal | undefined
  #serverLocks: readonly ServerLock[] = []
  #started = false

  /** Touches nothing yet. */
  constructor(
    readonly order: AgentOrder,
    readonly options: StandOptions,
  ) {
    const {runId, command, target, stateDirectory} = order
    const {pid} = process
    this.#writer = {runId, command, target, pid, identity: identityOf(pid) ?? '', host: hostname()}
    this.#locks = new Locks(stateDirectory, this.#writer)
    this.courses = new Courses({...order, ...options, write: (record, how) => this.#journal?.write(record, how)})
  }

  /** Throws a UsageError when another run holds a server, and what an injector threw. */
  async prepare(): Promise<FaultPreview[]> {
    const {faults, ground, stateDirectory} = this.order
    const servers = faults.map((fault) => serverOf(fault, ground))
    const now = this.options.clock.date()
    for (const server of servers) this.#locks.take(server, now)
    const previews = await this.courses.prepare()
    this.#serverLocks = await lockServers(faults, this.#kit, this.#writer)
    this.#journal = openJournal(stateDirectory, this.#writer, now)
    this.#journal.write({kind: 'planned', at: now.toISOString(), writer: this.#writer, faults, servers}, {sync: true})
    return previews
  }

  /** Each fault comes at its own time from `startAtMs`. */
  start(startAtMs: Ms): void {
    const last = Math.max(...this.order.faults.map(({atMs, forMs}) => atMs + forMs))
    for (const lock of this.#serverLocks) void lock.lastFor(startAtMs + last - this.options.clock.now())
    this.#started = true
    this.courses.start(startAtMs)
  }

  /** Puts everything back, and lets go. What could not be put back stays in a journal that `fault recover` reads. */
  async leave(): Promise<void> {
    const clean = await this.courses.revertAll()
    if (this.#journal) this.#end(this.#journal, clean)
    for (const lock of this.#serverLocks) await lock.release()
    await this.courses.close()
    this.#locks[Symbol.dispose]()
  }

  /** Of a run that came to nothing there is nothing to read. */
  #end(journal: Journal, clean: boolean): void {
    if (clean) journal.write({kind: 'end', at: this.options.clock.date().toISOString()})
    journal[Symbol.dispose]()
    if (!this.#started) rmSync(journal.path, {force: true})
    else if (clean) renameSync(journal.path, journal.path.replace(/\.jsonl$/, ENDED))
  }

  get #kit(): InjectorKit {
    const {ground, runId, seed} = this.order
    return {clock: this.options.clock, random: seededRandom(seed), ground, mark: `proofload:${runId}`}
  }
}
