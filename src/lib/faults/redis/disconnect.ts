/** `redis.disconnect`: cuts every client off and keeps it off, by kills that are always queued ahead of whoever comes back. */
import type {Ms} from '../../base/units.js'
import type {FaultPreview, PlannedFault} from '../fault.js'
import type {Injector, InjectorKit, MakeInjector} from '../injector.js'
import {chosen, listOthers} from './clients.js'
import {borrowControl, returnControl, type RedisControl, type Words} from './control.js'
import {operationsOfOthers} from './operations.js'
import {previewOf} from './preview.js'

/** If we die, the server goes on by itself after this long; less than the 100 ms after which Redis up to 7.0 looks whether a pause is over. */
const PAUSE: Ms = 80
const RETRY: Ms = 50

const KILL_NORMAL: Words = ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']
const KILL_PUBSUB: Words = ['CLIENT', 'KILL', 'TYPE', 'pubsub', 'SKIPME', 'yes']

/**
 * A round kills all clients and pauses the server. The next round lies in the server's buffer already when the pause begins: at its end
 * held commands run in the order in which they came, ours is the first of them, and it kills the others with their commands unheard.
 *
 *   ours    K K P·············K K P·············K K P·············
 *   others      connect, ask  ✂     connect, ask  ✂
 */
const ROUND: readonly Words[] = [KILL_NORMAL, KILL_PUBSUB, ['CLIENT', 'PAUSE', PAUSE, 'ALL']]
/** Before Redis 6.2, PAUSE holds everything and takes no mode. */
const OLD_ROUND: readonly Words[] = [KILL_NORMAL, KILL_PUBSUB, ['CLIENT', 'PAUSE', PAUSE]]

class RedisDisconnect implements Injector {
  #control: RedisControl | undefined
  #round = ROUND
  #loop: Promise<void> | undefined
  #stopped = false
  #reverted: Promise<void> | undefined
  #injectedAt: Ms | undefined
  #pausedMs: Ms = 0
  #kills = 0
  #rounds = 0
  #lostRounds = 0
  #operationsBefore: number | undefined
  #leaked: number | undefined

  constructor(private readonly kit: InjectorKit) {}

  async prepare(): Promise<FaultPreview> {
    const {mark, ground} = this.kit
    const control = (this.#control = await borrowControl(this.kit))
    await control.prove('CLIENT KILL', [...KILL_NORMAL, 'ADDR', '0.0.0.0:0'])
    await control.prove('CLIENT PAUSE', ['CLIENT', 'PAUSE', 'no-number', 'ALL'], /not an integer|out of range|syntax/i)
    const hit = chosen(await listOthers(control, mark).catch(() => []), {})
    const preview = await previewOf(control, ground.redis ?? '', hit)
    if (/^Redis ([1-5]\.|6\.[01]\.)/.test(preview.server)) this.#round = OLD_ROUND
    return preview
  }

  async inject(): Promise<void> {
    const control = this.#ready
    const first = this.#kill(control)
    // Held until the first pause ends, and then run before anybody else.
    const before = operationsOfOthers(control)
    before.then((count) => (this.#operationsBefore = count)).catch(() => undefined)
    this.#loop = this.#keepOff(control, first)
    await first
    this.#injectedAt = this.kit.clock.now()
  }

  revert(): Promise<void> {
    return (this.#reverted ??= this.#loop === undefined ? Promise.resolve() : this.#end(this.#ready, this.#loop))
  }

  evidence(): Readonly<Record<string, number>> {
    return {
      kills: this.#kills,
      rounds: this.#rounds,
      ...(this.#leaked === undefined ? {} : {leakedOperations: this.#leaked}),
      ...(this.#lostRounds === 0 ? {} : {lostRounds: this.#lostRounds}),
      expiryPausedMs: Math.round(this.#pausedMs),
    }
  }

  async close(): Promise<void> {
    await this.revert()
    if (this.#control !== undefined) returnControl(this.kit.ground)
    this.#control = undefined
  }

  get #ready(): RedisControl {
    if (this.#control === undefined) throw new Error('redis.disconnect was not prepared')
    return this.#control
  }

  async #kill(control: RedisControl): Promise<void> {
    const [normal, pubsub] = await control.round(this.#round)
    this.#kills += Number(normal) + Number(pubsub)
    this.#rounds += 1
  }

  /** Keeps one round queued behind the one that runs; takes the server back when it was away. Never rejects. */
  async #keepOff(control: RedisControl, first: Promise<void>): Promise<void> {
    let running = first
    while (!this.#stopped) {
      const next = this.#kill(control)
      next.catch(() => undefined)
      try {
        await running
      } catch {
        this.#lostRounds += 1
        await this.kit.clock.sleep(RETRY)
      }
      running = next
    }
    await running.catch(() => undefined)
  }

  /** The last pauses run out by themselves; the count comes at their end, before anybody else is heard. */
  async #end(control: RedisControl, loop: Promise<void>): Promise<void> {
    this.#stopped = true
    const counted = operationsOfOthers(control).catch(() => undefined)
    await loop
    const after = await counted
    if (this.#injectedAt !== undefined) this.#pausedMs = this.kit.clock.now() - this.#injectedAt
    if (after === undefined || this.#operationsBefore === undefined) return
    this.#leaked = Math.max(0, after - this.#operationsBefore)
  }
}

export const redisDisconnect: MakeInjector = (_fault: PlannedFault, kit) => new RedisDisconnect(kit)
