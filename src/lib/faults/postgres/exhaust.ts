/** `pg.exhaust`: takes the free places of the server, so that nobody can open a new session; those that are open stay. */
import type {Ms} from '../../base/units.js'
import type {FaultPreview, PlannedFault} from '../fault.js'
import type {Injector, InjectorKit, MakeInjector} from '../injector.js'
import {borrowControl, returnControl} from './control.js'
import {Fillers} from './fillers.js'

const IN_FORCE_WITHIN: Ms = 10_000
/** A place that somebody gives back is taken this soon. */
const LOOK_EVERY: Ms = 100

class PgExhaust implements Injector {
  readonly #leave: number
  readonly #end = new AbortController()
  #fillers: Fillers | undefined
  #loop: Promise<void> | undefined
  #most = 0

  constructor(
    {parameters}: PlannedFault,
    private readonly kit: InjectorKit,
  ) {
    this.#leave = Number(parameters['leave'] ?? 0)
  }

  async prepare(): Promise<FaultPreview> {
    const control = await borrowControl(this.kit)
    this.#fillers = new Fillers(control, this.kit.clock)
    const free = await this.#fillers.prove()
    return {server: control.server, hits: `${Math.max(0, free - this.#leave)} of ${free} free connections`}
  }

  async inject(): Promise<void> {
    if (this.#fillers === undefined) throw new Error('pg.exhaust was not prepared')
    const deadline = this.kit.clock.now() + IN_FORCE_WITHIN
    const {signal} = this.#end
    let full = false
    while (!full && !signal.aborted && this.kit.clock.now() < deadline)
      full = await this.#fillers.fill(this.#leave, signal)
    this.#most = this.#fillers.size
    this.#loop = this.#hold(this.#fillers)
  }

  async revert(): Promise<void> {
    this.#end.abort()
    await this.#loop
    await this.#fillers?.close()
  }

  evidence(): Readonly<Record<string, number>> {
    return {connectionsHeld: this.#most}
  }

  async close(): Promise<void> {
    await this.revert().catch(() => undefined)
    if (this.#fillers !== undefined) await returnControl(this.kit.ground)
    this.#fillers = undefined
  }

  /** Never rejects: a server that is away has no places, and is filled again when it is back. */
  async #hold(fillers: Fillers): Promise<void> {
    const {signal} = this.#end
    for (;;) {
      await this.kit.clock.sleep(LOOK_EVERY, signal)
      if (signal.aborted) return
      await fillers.fill(this.#leave, signal).catch(() => undefined)
      this.#most = Math.max(this.#most, fillers.size)
    }
  }
}

export const pgExhaust: MakeInjector = (fault, kit) => new PgExhaust(fault, kit)
