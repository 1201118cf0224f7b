/** `pg.disconnect`: ends the sessions and takes the places that they leave, so that nobody comes back; the places go with our sessions. */
import type {Ms} from '../../base/units.js'
import type {FaultPreview, PlannedFault} from '../fault.js'
import type {Injector, InjectorKit, MakeInjector} from '../injector.js'
import {borrowControl, returnControl, type PgControl} from './control.js'
import {Fillers} from './fillers.js'
import {listVictims, provePower, terminate, victimWords, whoOf, type Who} from './victims.js'

/** Where it takes longer to take all places, it goes on meanwhile, and what comes through is counted as leaked. */
const CALM_WITHIN: Ms = 2500
/** Longer than a client takes to log in: until then it holds a place, and is not seen. */
const CALM_FOR: Ms = 150
/** Whoever comes back while the places are being taken lives this long. */
const FIGHT_EVERY: Ms = 10
/** Whoever comes through later lives this long. */
const LOOK_EVERY: Ms = 50
/** Every so many looks one try of ours shows whether a place is free. */
const TRY_EVERY = 4

class PgDisconnect implements Injector {
  readonly #who: Who
  readonly #end = new AbortController()
  #control: PgControl | undefined
  #fillers: Fillers | undefined
  #loop: Promise<void> | undefined
  #terminated = 0
  #leaked = 0
  #spared = 0
  #held = 0

  constructor(
    fault: PlannedFault,
    private readonly kit: InjectorKit,
  ) {
    this.#who = whoOf(fault)
  }

  async prepare(): Promise<FaultPreview> {
    const control = (this.#control = await borrowControl(this.kit))
    const victims = await provePower(control, this.#who, 'terminate')
    this.#fillers = new Fillers(control, this.kit.clock)
    const free = await this.#fillers.prove()
    return {server: control.server, hits: `${victimWords(victims)}; takes ${free} free connections`}
  }

  /** The sessions are ended and all places are taken at the same time; whoever comes back in between is ended again. */
  async inject(): Promise<void> {
    const [control, fillers] = [this.#control, this.#fillers]
    if (control === undefined || fillers === undefined) throw new Error('pg.disconnect was not prepared')
    await this.#fight(control, fillers)
    this.#loop = this.#keepOff(control, fillers)
  }

  async revert(): Promise<void> {
    this.#end.abort()
    await this.#loop
    await this.#fillers?.close()
  }

  evidence(): Readonly<Record<string, number>> {
    return {
      terminated: this.#terminated,
      connectionsHeld: this.#held,
      leakedSessions: this.#leaked,
      ...(this.#spared === 0 ? {} : {sessionsNotOurs: this.#spared}),
    }
  }

  async close(): Promise<void> {
    await this.revert().catch(() => undefined)
    if (this.#control !== undefined) await returnControl(this.kit.ground)
    this.#control = this.#fillers = undefined
  }

  /** Never rejects: a server that is away lets nobody in, and is taken again when it is back. */
  async #keepOff(control: PgControl, fillers: Fillers): Promise<void> {
    for (let look = 0; await this.#goesOn(LOOK_EVERY); look++) {
      await this.#look(control, fillers, look).catch(() => undefined)
    }
  }

  async #goesOn(after: Ms): Promise<boolean> {
    const {signal} = this.#end
    await this.kit.clock.sleep(after, signal)
    return !signal.aborted
  }

  /** Superusers may use the reserved places: those are never taken for long, so that fighting for them has no end. */
  async #look(control: PgControl, fillers: Fillers, look: number): Promise<void> {
    const ended = await this.#endThem(control)
    this.#leaked += ended
    const contested = ended > 0 || !fillers.isFull
    if (contested && !control.identity.superuser) this.#leaked += await this.#fight(control, fillers)
    if (look % TRY_EVERY !== 0) return
    this.#fill(fillers)
    this.#spared = (await listVictims(control, this.#who)).filter(({ours}) => !ours).length
  }

  /** Ends whoever is there and takes every place, until nobody has come in for a while, neither they nor we; answers how many it ended. */
  async #fight(control: PgControl, fillers: Fillers): Promise<number> {
    const {clock} = this.kit
    const deadline = clock.now() + CALM_WITHIN
    let [all, calmSince, size] = [0, clock.now(), fillers.size]
    const isCalm = () => clock.now() - calmSince >= CALM_FOR && fillers.isFull
    const over = () => this.#end.signal.aborted || clock.now() >= deadline || isCalm()
    const siege = fillers.besiege(over)
    siege.catch(() => undefined)
    while (!over()) {
      const ended = await this.#endThem(control)
      if (ended > 0 || fillers.size !== size) calmSince = clock.now()
      all += ended
      size = fillers.size
      await clock.sleep(FIGHT_EVERY, this.#end.signal)
    }
    await siege
    this.#fill(fillers)
    this.#held = Math.max(this.#held, fillers.size)
    return all
  }

  async #endThem(control: PgControl): Promise<number> {
    const ended = await terminate(control, this.#who)
    this.#terminated += ended
    return ended
  }

  /** Goes on beside the loop, which has others to end meanwhile. */
  #fill(fillers: Fillers): void {
    fillers.fill(0, this.#end.signal).catch(() => undefined)
  }
}

export const pgDisconnect: MakeInjector = (fault, kit) => new PgDisconnect(fault, kit)
