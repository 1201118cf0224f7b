/** A process that only carries connections: clients are handed over to it, and it goes when its channel closes. */
import {fork, type ChildProcess} from 'node:child_process'
import type {Socket} from 'node:net'
import {entryOf} from '../../../base/entry.js'
import type {Toxic} from '../toxic.js'
import type {Arrival, CarriedCounts, Carrier} from './carrier.js'
import type {FromCarrier, ToCarrier} from './messages.js'

type Answer = Extract<FromCarrier, {kind: 'done'}>

export interface RemoteOptions {
  readonly seed: string
  /** Clients on their way hold descriptors of the process that accepts; they are handed over one by one, and wait meanwhile. */
  readonly mostOnTheirWay: number
}

export class RemoteCarrier implements Carrier {
  readonly #child: ChildProcess
  readonly #mostOnTheirWay: number
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #open = 0
  #onTheirWay = 0
  #calls = 0
  #stopped = false

  private constructor({seed, mostOnTheirWay}: RemoteOptions, ready: () => void, died: (why: string) => void) {
    this.#mostOnTheirWay = mostOnTheirWay
    this.#child = fork(entryOf('./carrier-main.js', import.meta.url), {
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child.on('message', (message) => this.#hear(message as FromCarrier, ready))
    this.#child.on('error', (error) => died(error.message))
    this.#child.on('exit', (code, signal) => {
      if (!this.#stopped) died(`a carrying process ended (${signal ?? `exit code ${code ?? '?'}`})`)
    })
    this.#tell({kind: 'begin', seed})
  }

  /** `died` is called when it ends without being told to; rejects when that comes before it is ready. */
  static start(options: RemoteOptions, died: (why: string) => void): Promise<RemoteCarrier> {
    return new Promise((resolve, reject) => {
      const failed = (why: string) => {
        reject(new Error(why))
        died(why)
      }
      const carrier = new RemoteCarrier(options, () => resolve(carrier), failed)
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get open(): number {
    return this.#open
  }

  get busy(): boolean {
    return this.#onTheirWay >= this.#mostOnTheirWay
  }

  carry(arrival: Arrival, client: Socket): void {
    this.#open++
    this.#onTheirWay++
    this.#tell({kind: 'carry', arrival}, client)
  }

  async shape(proxy: string, toxics: readonly Toxic[]): Promise<void> {
    await this.#ask((id) => ({kind: 'shape', id, proxy, toxics}))
  }

  async drop(proxy: string): Promise<void> {
    await this.#ask((id) => ({kind: 'drop', id, proxy}))
  }

  async counts(): Promise<ReadonlyMap<string, CarriedCounts>> {
    const {counts = {}} = await this.#ask((id) => ({kind: 'counts', id}))
    return new Map(Object.entries(counts))
  }

  stop(): void {
    this.#stopped = true
    if (this.#child.connected) this.#child.disconnect()
  }

  #ask(messageOf: (id: number) => ToCarrier): Promise<Answer> {
    const id = ++this.#calls
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#tell(messageOf(id))
    })
  }

  /** A message that cannot be sent has no answer: the channel is gone then, and `died` tells of it. */
  #tell(message: ToCarrier, client?: Socket): void {
    this.#child.send(message, client, {}, () => undefined)
  }

  #hear(message: FromCarrier, ready: () => void): void {
    switch (message.kind) {
      case 'ready':
        ready()
        return
      case 'progress':
        this.#open -= message.ended
        this.#onTheirWay -= message.arrived
        return
      case 'done':
        this.#waiting.get(message.id)?.(message)
        this.#waiting.delete(message.id)
    }
  }
}
