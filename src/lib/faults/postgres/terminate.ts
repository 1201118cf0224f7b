/** `pg.terminate` ends sessions once, `pg.cancel` stops their statements once; whom, and what share of them, is chosen. */
import {shuffle, type Random} from '../../base/random.js'
import type {FaultPreview, PlannedFault} from '../fault.js'
import type {Injector, InjectorKit, MakeInjector} from '../injector.js'
import {borrowControl, returnControl, type PgControl} from './control.js'
import {listVictims, provePower, signal, victimWords, whoOf, type Who} from './victims.js'

type Kind = 'terminate' | 'cancel'

class PgSignal implements Injector {
  readonly #who: Who
  readonly #share: number
  #control: PgControl | undefined
  #matched = 0
  #hit = 0

  constructor(
    private readonly kind: Kind,
    fault: PlannedFault,
    private readonly kit: InjectorKit,
  ) {
    this.#who = whoOf(fault)
    this.#share = Number(fault.parameters['share'] ?? 1)
  }

  async prepare(): Promise<FaultPreview> {
    const control = (this.#control = await borrowControl(this.kit))
    return {server: control.server, hits: victimWords(await provePower(control, this.#who, this.kind))}
  }

  async inject(): Promise<void> {
    if (this.#control === undefined) throw new Error(`pg.${this.kind} was not prepared`)
    const victims = (await listVictims(this.#control, this.#who)).filter(({ours}) => ours).map(({pid}) => pid)
    this.#matched = victims.length
    this.#hit = await signal(this.#control, this.kind, this.#who, drawn(victims, this.#share, this.kit.random))
  }

  revert(): Promise<void> {
    return Promise.resolve()
  }

  evidence(): Readonly<Record<string, number>> {
    return {matched: this.#matched, [this.kind === 'cancel' ? 'cancelled' : 'terminated']: this.#hit}
  }

  async close(): Promise<void> {
    if (this.#control !== undefined) await returnControl(this.kit.ground)
    this.#control = undefined
  }
}

/** A share of them, drawn at random; of some at least one. */
function drawn(pids: readonly number[], share: number, random: Random): readonly number[] {
  if (share >= 1 || pids.length === 0) return pids
  return shuffle(pids, random).slice(0, Math.max(1, Math.round(pids.length * share)))
}

export const pgTerminate: MakeInjector = (fault, kit) => new PgSignal('terminate', fault, kit)

export const pgCancel: MakeInjector = (fault, kit) => new PgSignal('cancel', fault, kit)
