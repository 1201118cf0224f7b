/** `redis.pause-write`: holds every write and publish back, by short pauses that are renewed, so that it ends soon after we do. */
import type {Ms} from '../../base/units.js'
import type {FaultPreview} from '../fault.js'
import type {Injector, InjectorKit, MakeInjector} from '../injector.js'
import {chosen, listOthers} from './clients.js'
import {borrowControl, returnControl, type RedisControl} from './control.js'
import {previewOf} from './preview.js'

/** If we die, the server goes on by itself after this long. */
const PAUSE: Ms = 1000
/** Renewed this often: four in a row may be late before a write slips through. */
const RENEW: Ms = 200

class RedisPauseWrite implements Injector {
  readonly #end = new AbortController()
  #control: RedisControl | undefined
  #loop: Promise<void> | undefined
  #injectedAt: Ms | undefined
  #pausedMs: Ms = 0
  /** When the last pause that the server confirmed ends. */
  #heldUntil: Ms = 0
  #gaps = 0

  constructor(private readonly kit: InjectorKit) {}

  async prepare(): Promise<FaultPreview> {
    const control = (this.#control = await borrowControl(this.kit))
    await control.prove('CLIENT PAUSE WRITE', ['CLIENT', 'PAUSE', 'no-number', 'WRITE'], /not an integer|out of range/i)
    const hit = chosen(await listOthers(control, this.kit.mark).catch(() => []), {})
    return previewOf(control, this.kit.ground.redis ?? '', hit)
  }

  async inject(): Promise<void> {
    const control = this.#control
    if (control === undefined) throw new Error('redis.pause-write was not prepared')
    await this.#pause(control)
    this.#injectedAt = this.kit.clock.now()
    this.#loop = this.#renew(control)
  }

  async revert(): Promise<void> {
    if (this.#loop === undefined || this.#control === undefined || this.#end.signal.aborted) return
    this.#end.abort()
    await this.#loop
    // Without UNPAUSE, the last pause has to run out.
    await this.#control.call('CLIENT', 'UNPAUSE').catch(() => this.kit.clock.sleep(PAUSE))
    this.#pausedMs = this.kit.clock.now() - (this.#injectedAt ?? 0)
  }

  evidence(): Readonly<Record<string, number>> {
    return {expiryPausedMs: Math.round(this.#pausedMs), ...(this.#gaps === 0 ? {} : {gaps: this.#gaps})}
  }

  async close(): Promise<void> {
    await this.revert()
    if (this.#control !== undefined) returnControl(this.kit.ground)
    this.#control = undefined
  }

  async #pause(control: RedisControl): Promise<void> {
    const askedAt = this.kit.clock.now()
    await control.call('CLIENT', 'PAUSE', PAUSE, 'WRITE')
    if (this.#heldUntil > 0 && this.kit.clock.now() > this.#heldUntil) this.#gaps += 1
    this.#heldUntil = askedAt + PAUSE
  }

  /** Never rejects: a server that is away holds nothing, and is paused again when it is back. */
  async #renew(control: RedisControl): Promise<void> {
    const {signal} = this.#end
    for (;;) {
      await this.kit.clock.sleep(RENEW, signal)
      if (signal.aborted) return
      await this.#pause(control).catch(() => undefined)
    }
  }
}

export const redisPauseWrite: MakeInjector = (_fault, kit) => new RedisPauseWrite(kit)
