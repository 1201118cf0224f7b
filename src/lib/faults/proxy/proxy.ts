/** One named proxy: where it listens, what it leads to, whether it is up, and the toxics on it. */
import {formatAddress} from './address.js'
import type {Fleet} from './carriers/fleet.js'
import {type Listener, openListener, resolveListen} from './listener.js'
import type {ProxyState, Toxic} from './toxic.js'

/** What of a proxy can be changed. */
export interface Setting {
  readonly listen: string
  readonly upstream: string
  readonly enabled: boolean
}

export class Proxy {
  readonly name: string
  readonly #fleet: Fleet
  #listen: string
  #upstream: string
  #toxics: readonly Toxic[] = []
  #listener: Listener | undefined

  private constructor(name: string, {listen, upstream}: Setting, fleet: Fleet) {
    this.name = name
    this.#listen = listen
    this.#upstream = upstream
    this.#fleet = fleet
  }

  /** Up at once if it is enabled. Throws an ApiError when it cannot listen. */
  static async open(name: string, setting: Setting, fleet: Fleet): Promise<Proxy> {
    const proxy = new Proxy(name, setting, fleet)
    await fleet.shape(name, [])
    if (setting.enabled) await proxy.#start()
    return proxy
  }

  get state(): ProxyState {
    return {
      name: this.name,
      listen: this.#listen,
      upstream: this.#upstream,
      enabled: this.#listener !== undefined,
      toxics: this.toxics,
    }
  }

  /** Those of the upstream direction first, then in the order in which they came. */
  get toxics(): readonly Toxic[] {
    const of = (stream: string) => this.#toxics.filter((toxic) => toxic.stream === stream)
    return [...of('upstream'), ...of('downstream')]
  }

  /** Whether a setting leads from the same address to the same upstream. */
  async isAt({listen, upstream}: Setting): Promise<boolean> {
    if (upstream !== this.#upstream) return false
    return listen === this.#listen || formatAddress(await resolveListen(listen)) === this.#listen
  }

  /** A new address or upstream ends the connections; toxics stay. Throws an ApiError when it cannot listen; then it is down. */
  async change(setting: Setting): Promise<void> {
    if (!(await this.isAt(setting))) {
      await this.close()
      this.#listen = setting.listen
      this.#upstream = setting.upstream
    }
    if (setting.enabled) await this.#start()
    else await this.close()
  }

  /** Resolves when the open connections have exactly these toxics too. */
  async put(toxics: readonly Toxic[]): Promise<void> {
    this.#toxics = toxics
    await this.#fleet.shape(this.name, toxics)
  }

  /** Goes down: nobody can connect any more, and every connection is closed. */
  async close(): Promise<void> {
    this.#listener?.close()
    this.#listener = undefined
    await this.#fleet.drop(this.name)
  }

  /** The port that it got stays its own: after a pause it comes back there. */
  async #start(): Promise<void> {
    if (this.#listener !== undefined) return
    const address = await resolveListen(this.#listen)
    this.#listener = await openListener(address, (client) => this.#fleet.carry(this.name, this.#upstream, client))
    this.#listen = this.#listener.address
  }
}
