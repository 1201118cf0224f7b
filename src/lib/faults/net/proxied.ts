/** Every `net.*` fault: adds toxics to a proxy, or takes it down, and takes them off again. */
import {TargetError, UsageError} from '../../base/errors.js'
import {didYouMean} from '../../base/nearest.js'
import type {FaultGround, FaultPreview, PlannedFault} from '../fault.js'
import type {Injector, MakeInjector} from '../injector.js'
import type {Undoing} from '../journal/records.js'
import {ProxyClient} from '../proxy/client.js'
import type {ProxyCounts, ProxyState, ToxicRequest} from '../proxy/toxic.js'
import {onEveryEnd} from './together.js'
import {toxicsOf} from './toxics.js'

export const netFault: MakeInjector = onEveryEnd((fault, {ground}) => new Proxied(fault, ground))

/** Takes off what a killed run left on a proxy that outlived it. A proxy that is gone, or has nothing of ours, is as it should be. */
export async function undoNetFault({proxy, api, down, toxics}: Undoing): Promise<void> {
  const client = new ProxyClient(String(api))
  try {
    const state = (await ifThere(client.proxies()))?.[String(proxy)]
    if (state)
      await restore(client, state, {down: down === true, toxics: Array.isArray(toxics) ? toxics.map(String) : []})
  } finally {
    await client.close()
  }
}

/** Undefined when nobody listens there any more: what a proxy was told is in its memory only, so nothing is left of it. */
async function ifThere<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked
  } catch (error) {
    const {cause} = error as {readonly cause?: {readonly code?: unknown}}
    if (cause?.code === 'ECONNREFUSED') return undefined
    throw error
  }
}

interface Changes {
  readonly down: boolean
  readonly toxics: readonly string[]
}

async function restore(client: ProxyClient, state: ProxyState, {down, toxics}: Changes): Promise<void> {
  const ours = state.toxics.filter(({name}) => toxics.includes(name))
  for (const {name} of ours) await client.removeToxic(state.name, name)
  if (down && !state.enabled) await client.setEnabled(state.name, true)
}

class Proxied implements Injector {
  readonly #proxy: string
  readonly #api: string
  readonly #toxics: readonly ToxicRequest[]
  readonly #down: boolean
  #client: ProxyClient | undefined
  #injected = false
  #before: ProxyCounts | undefined
  #dropped: number | undefined

  constructor(fault: PlannedFault, {proxies}: FaultGround) {
    this.#proxy = String(fault.parameters['proxy'])
    const handle = proxies[this.#proxy]
    if (handle === undefined)
      throw new UsageError(`there is no proxy '${this.#proxy}': ${didYouMean(this.#proxy, Object.keys(proxies))}`)
    this.#api = handle.api
    this.#toxics = toxicsOf(fault)
    this.#down = fault.name === 'net.down'
  }

  async prepare(): Promise<FaultPreview> {
    this.#client = new ProxyClient(this.#api)
    const {listen, upstream, enabled, toxics} = this.#named(await this.#ready.proxies())
    if (!enabled) throw new TargetError(`the proxy '${this.#proxy}' is down already`, {hint: 'enable it first'})
    const leftOver = toxics.find(({name}) => this.#toxics.some((toxic) => toxic.name === name))
    if (leftOver) {
      throw new TargetError(`the proxy '${this.#proxy}' has the toxic ${leftOver.name} already`, {
        hint: "'proofload fault recover' takes off what an earlier run left",
      })
    }
    return {server: `proxy ${this.#proxy} at ${listen}, to ${upstream}`, hits: await this.#hits()}
  }

  undoing(): Promise<Undoing> {
    const toxics = this.#toxics.map(({name}) => name)
    return Promise.resolve({proxy: this.#proxy, api: this.#api, down: this.#down, toxics})
  }

  async inject(): Promise<void> {
    this.#before = await this.#counts()
    this.#injected = true
    await Promise.all(this.#toxics.map((toxic) => this.#ready.addToxic(this.#proxy, toxic)))
    if (this.#down) await this.#ready.setEnabled(this.#proxy, false)
  }

  async revert(): Promise<void> {
    if (!this.#injected) return
    const proxies = await ifThere(this.#ready.proxies())
    const toxics = this.#toxics.map(({name = ''}) => name)
    if (proxies) await restore(this.#ready, this.#named(proxies), {down: this.#down, toxics})
    this.#injected = false
    const [before, after] = [this.#before, await this.#counts()]
    if (before && after) this.#dropped = after.droppedBytes - before.droppedBytes
  }

  evidence(): Readonly<Record<string, number | string>> {
    return this.#dropped === undefined ? {} : {droppedBytes: this.#dropped}
  }

  async close(): Promise<void> {
    await this.#client?.close()
  }

  get #ready(): ProxyClient {
    if (this.#client === undefined) throw new Error('the fault was not prepared')
    return this.#client
  }

  /** Throws a UsageError when the API knows no such proxy. */
  #named(proxies: Readonly<Record<string, ProxyState>>): ProxyState {
    const state = proxies[this.#proxy]
    if (state) return state
    throw new UsageError(
      `the fault proxy at ${this.#api} has no proxy '${this.#proxy}': ${didYouMean(this.#proxy, Object.keys(proxies))}`,
    )
  }

  /** Undefined for a Toxiproxy, which does not count them. */
  async #counts(): Promise<ProxyCounts | undefined> {
    const counts = await this.#ready.connections().catch(() => undefined)
    return counts?.proxies[this.#proxy]
  }

  async #hits(): Promise<string> {
    const open = (await this.#counts())?.open
    return open === undefined
      ? 'every connection through it'
      : `${open} connection${open === 1 ? '' : 's'}, and new ones`
  }
}
