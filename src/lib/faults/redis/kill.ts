/** `redis.kill`: closes the connections of the named clients once; they may come back at once. */
import type {FaultPreview, PlannedFault} from '../fault.js'
import type {Injector, InjectorKit, MakeInjector} from '../injector.js'
import {chosen, drawn, listOthers, type RedisClient, type Who} from './clients.js'
import {borrowControl, returnControl, type RedisControl} from './control.js'
import {previewOf} from './preview.js'

class RedisKill implements Injector {
  readonly #who: Who
  readonly #share: number
  #control: RedisControl | undefined
  #matched = 0
  #kills = 0

  constructor(
    {parameters}: PlannedFault,
    private readonly kit: InjectorKit,
  ) {
    this.#who = parameters
    this.#share = Number(parameters['share'] ?? 1)
  }

  async prepare(): Promise<FaultPreview> {
    const control = (this.#control = await borrowControl(this.kit))
    await control.prove('CLIENT LIST', ['CLIENT', 'LIST'])
    await control.prove('CLIENT KILL', ['CLIENT', 'KILL', 'TYPE', 'normal', 'ADDR', '0.0.0.0:0'])
    return previewOf(control, this.kit.ground.redis ?? '', await this.#named(control))
  }

  /** By their ids, so that nobody is hit who was not looked at. */
  async inject(): Promise<void> {
    if (this.#control === undefined) throw new Error('redis.kill was not prepared')
    const named = await this.#named(this.#control)
    this.#matched = named.length
    const victims = drawn(named, this.#share, this.kit.random)
    const replies = await this.#control.round(victims.map(({id}) => ['CLIENT', 'KILL', 'ID', id]))
    this.#kills = replies.filter((killed) => Number(killed) > 0).length
  }

  revert(): Promise<void> {
    return Promise.resolve()
  }

  evidence(): Readonly<Record<string, number>> {
    return {matched: this.#matched, kills: this.#kills}
  }

  close(): Promise<void> {
    if (this.#control !== undefined) returnControl(this.kit.ground)
    this.#control = undefined
    return Promise.resolve()
  }

  async #named(control: RedisControl): Promise<readonly RedisClient[]> {
    return chosen(await listOthers(control, this.kit.mark), this.#who)
  }
}

export const redisKill: MakeInjector = (fault, kit) => new RedisKill(fault, kit)
