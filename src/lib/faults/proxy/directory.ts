/** All proxies of the process by name, and what the API can do with them. */
import {proxyExists, proxyNotFound, toxicExists, toxicNotFound} from './api/errors.js'
import type {Fleet} from './carriers/fleet.js'
import {Proxy, type Setting} from './proxy.js'
import type {Attributes, ProxyCounts, Toxic} from './toxic.js'

export interface NamedSetting extends Setting {
  readonly name: string
}

export interface Connections {
  /** How many connections there may be at once, over all proxies. */
  readonly capacity: number
  readonly proxies: Readonly<Record<string, ProxyCounts>>
}

/** Every method may throw an ApiError. Changes must come one at a time. */
export class Directory {
  readonly #proxies = new Map<string, Proxy>()
  readonly #fleet: Fleet

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  /** In the order of their names. */
  list(): readonly Proxy[] {
    return [...this.#proxies.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1))
  }

  find(name: string): Proxy {
    const proxy = this.#proxies.get(name)
    if (proxy === undefined) throw proxyNotFound()
    return proxy
  }

  async create({name, ...setting}: NamedSetting): Promise<Proxy> {
    if (this.#proxies.has(name)) throw proxyExists()
    const proxy = await Proxy.open(name, setting, this.#fleet)
    this.#proxies.set(name, proxy)
    return proxy
  }

  /** A proxy that is there already stays as it is; one of the same name that leads elsewhere gives way. */
  async place(setting: NamedSetting): Promise<Proxy> {
    const known = this.#proxies.get(setting.name)
    if (known !== undefined && (await known.isAt(setting))) return known
    if (known !== undefined) await this.remove(setting.name)
    return this.create(setting)
  }

  async remove(name: string): Promise<void> {
    await this.find(name).close()
    this.#proxies.delete(name)
  }

  /** Every proxy is up and has no toxics. */
  async reset(): Promise<void> {
    for (const proxy of this.list()) {
      await proxy.change({...proxy.state, enabled: true})
      await proxy.put([])
    }
  }

  findToxic(proxy: string, name: string): Toxic {
    const toxic = this.find(proxy).toxics.find((known) => known.name === name)
    if (toxic === undefined) throw toxicNotFound()
    return toxic
  }

  /** Throws when the name is taken. */
  checkToxicName(proxy: string, name: string): void {
    if (this.find(proxy).toxics.some((known) => known.name === name)) throw toxicExists()
  }

  async addToxic(proxy: string, toxic: Toxic): Promise<Toxic> {
    this.checkToxicName(proxy, toxic.name)
    const found = this.find(proxy)
    await found.put([...found.toxics, toxic])
    return toxic
  }

  async updateToxic(proxy: string, name: string, attributes: Attributes, toxicity?: number): Promise<Toxic> {
    const old = this.findToxic(proxy, name)
    const toxic = {...old, attributes: {...old.attributes, ...attributes}, toxicity: toxicity ?? old.toxicity}
    const found = this.find(proxy)
    await found.put(found.toxics.map((known) => (known === old ? toxic : known)))
    return toxic
  }

  async removeToxic(proxy: string, name: string): Promise<void> {
    const old = this.findToxic(proxy, name)
    const found = this.find(proxy)
    await found.put(found.toxics.filter((known) => known !== old))
  }

  async connections(): Promise<Connections> {
    const names = this.list().map(({name}) => name)
    return {capacity: this.#fleet.capacity, proxies: await this.#fleet.counts(names)}
  }

  /** Nothing listens any more and every connection is closed. */
  async close(): Promise<void> {
    await Promise.all(this.list().map((proxy) => proxy.close()))
  }
}
