/** `redis.max-clients`: lowers `maxclients`, so that those who are connected stay and nobody else comes in; set back afterwards. */
import {z} from 'zod'
import {TargetError} from '../../base/errors.js'
import {HostClock, type Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import type {FaultPreview, PlannedFault} from '../fault.js'
import type {Injector, InjectorKit, MakeInjector} from '../injector.js'
import {chosen, listOthers} from './clients.js'
import {borrowControl, RedisControl, returnControl} from './control.js'
import {previewOf} from './preview.js'

/** A server with `timeout` set closes silent connections, and while this fault is in force none of ours could come back. */
const KEEP_ALIVE: Ms = 2000
/** The agent tries a revert again; a later process does not. */
const REVERT_WITHIN: Ms = 5000
const RECOVER_WITHIN: Ms = 10_000
const RETRY: Ms = 100

const UndoRecord = z.object({had: z.number().int().positive(), set: z.number().int().positive()})
type UndoRecord = z.infer<typeof UndoRecord>

class RedisMaxClients implements Injector {
  readonly #limit: number
  readonly #end = new AbortController()
  #control: RedisControl | undefined
  /** Opened with the other: it stays when that one is lost, and no third could be opened. */
  #spare: RedisControl | undefined
  #had: number | undefined
  #keptAlive: Promise<void> | undefined

  constructor(
    {parameters}: PlannedFault,
    private readonly kit: InjectorKit,
  ) {
    this.#limit = Number(parameters['limit'] ?? 1)
  }

  async prepare(): Promise<FaultPreview> {
    const {ground, mark} = this.kit
    const control = (this.#control = await borrowControl(this.kit))
    this.#spare = new RedisControl(ground.redis ?? '', mark)
    await this.#spare.open()
    await control.prove('CONFIG GET', ['CONFIG', 'GET', 'maxclients'])
    const had = await readLimit(control)
    await control.prove('CONFIG SET', ['CONFIG', 'SET', 'maxclients', had])
    this.#had = had
    return previewOf(control, ground.redis ?? '', chosen(await listOthers(control, mark).catch(() => []), {}))
  }

  async undoing(): Promise<Readonly<Record<string, unknown>>> {
    const [control] = this.#controls()
    if (control !== undefined) this.#had = await readLimit(control)
    return {had: this.#had, set: this.#limit}
  }

  async inject(): Promise<void> {
    const [control] = this.#controls()
    if (control === undefined) throw new Error('redis.max-clients was not prepared')
    // First: from here on it may have been done, whatever the answer is.
    this.#keptAlive = this.#keepAlive()
    await control.call('CONFIG', 'SET', 'maxclients', this.#limit)
  }

  async revert(): Promise<void> {
    if (this.#keptAlive === undefined || this.#had === undefined) return
    await undo(this.#controls(), {had: this.#had, set: this.#limit}, deadlineOn(this.kit.clock, REVERT_WITHIN))
    this.#end.abort()
    await this.#keptAlive
    this.#keptAlive = undefined
  }

  evidence(): Readonly<Record<string, number>> {
    return {limit: this.#limit, ...(this.#had === undefined ? {} : {limitBefore: this.#had})}
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.#keptAlive
    this.#spare?.close()
    if (this.#control !== undefined) returnControl(this.kit.ground)
    this.#control = this.#spare = undefined
  }

  #controls(): readonly RedisControl[] {
    return [this.#control, this.#spare].filter((control) => control !== undefined)
  }

  async #keepAlive(): Promise<void> {
    const {signal} = this.#end
    while (!signal.aborted) {
      await this.kit.clock.sleep(KEEP_ALIVE, signal)
      for (const control of this.#controls()) control.call('PING').catch(() => undefined)
    }
  }
}

export const redisMaxClients: MakeInjector = (fault, kit) => new RedisMaxClients(fault, kit)

/** Undoes what a run that is gone has left. Throws a TargetError when the server has no place for us, or cannot be reached, for 10 s. */
export async function undoRedisMaxClients(record: Readonly<Record<string, unknown>>, url: string): Promise<void> {
  const found = UndoRecord.parse(record)
  const control = new RedisControl(url, 'proofload:recover')
  try {
    await undo([control], found, deadlineOn(new HostClock(), RECOVER_WITHIN))
  } catch (cause) {
    throw new TargetError(`maxclients could not be set back to ${found.had}: ${(cause as Error).message}`, {
      cause,
      hint: `stop one of its clients for a moment and try again, or run CONFIG SET maxclients ${found.had} over a connection that is open`,
    })
  } finally {
    control.close()
  }
}

interface Deadline {
  readonly clock: Clock
  readonly at: Ms
}

function deadlineOn(clock: Clock, within: Ms): Deadline {
  return {clock, at: clock.now() + within}
}

/** Only where it still is as we set it: a restarted server, or somebody else, may have put it right already. */
async function undo(controls: readonly RedisControl[], {had, set}: UndoRecord, {clock, at}: Deadline): Promise<void> {
  for (;;) {
    const control = controls.find(({isUp}) => isUp) ?? controls[0]
    if (control === undefined) throw new Error('no connection is open')
    try {
      if ((await readLimit(control)) === set) await control.call('CONFIG', 'SET', 'maxclients', had)
      return
    } catch (error) {
      if (clock.now() > at) throw error
      await clock.sleep(RETRY)
    }
  }
}

async function readLimit(control: RedisControl): Promise<number> {
  const [, value] = (await control.call('CONFIG', 'GET', 'maxclients')) as [string, string]
  return Number(value)
}
