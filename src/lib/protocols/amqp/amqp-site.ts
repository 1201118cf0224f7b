/** What RabbitMQ must have before messages go through it: reached, of a version that can, an exchange, the queues; and all of it gone afterwards. */
import type {ServerProperties} from 'amqplib'
import type {Clock} from '../../base/clock.js'
import {TargetError, UsageError} from '../../base/errors.js'
import type {Random} from '../../base/random.js'
import type {CarrierShare, Site} from '../messaging/carrier.js'
import {Belongings} from './belongings.js'
import type {Desk} from './channels.js'
import {within} from './connect.js'
import {Line} from './line.js'
import {checkAmqp, namesOf, type AmqpOptions, type Names} from './options.js'
import {notUsable, wordsOf} from './reasons.js'
import {rehearse} from './rehearsal.js'

export interface SiteOrder extends Pick<CarrierShare, 'layout' | 'urls' | 'run' | 'tls' | 'timeoutMs'> {
  /** Of a message; one of this size is tried. */
  readonly payloadBytes: number
}

export interface SiteKit {
  readonly clock: Clock
  readonly random: Random
}

/** `depth` counts what is ready in all queues; messages that were handed over and are not acknowledged are not in it. */
export function amqpSite(order: SiteOrder, kit: SiteKit, options: AmqpOptions): Site & Required<Pick<Site, 'depth'>> {
  return new AmqpSite(order, kit, options)
}

class AmqpSite implements Site {
  readonly #order: SiteOrder
  readonly #options: AmqpOptions
  readonly #names: Names
  readonly #belongings: Belongings
  readonly #line: (what: string) => Line
  readonly #desk: Desk
  #preparing: Promise<void> | undefined
  #server: string | undefined

  constructor(order: SiteOrder, {clock, random}: SiteKit, options: AmqpOptions) {
    const {layout, run, timeoutMs} = order
    checkAmqp(layout.rooms, order.payloadBytes, options)
    this.#order = order
    this.#options = options
    this.#names = namesOf(run, layout, options)
    this.#belongings = new Belongings({layout, options, names: this.#names}, random.fork('amqp belongings'))
    this.#line = (what) =>
      new Line(order, `proofload-${run} ${what}`, 0, {
        clock,
        random: random.fork(`amqp ${what}`),
        lost: () => undefined,
      })
    this.#desk = {line: this.#line('site'), clock, timeoutMs}
  }

  get server(): string | undefined {
    return this.#server
  }

  /** What it had made until something went wrong is removed at once. */
  async prepare(): Promise<void> {
    this.#preparing = this.#prepare()
    try {
      await this.#preparing
    } catch (error) {
      await this.#belongings.remove(this.#desk)
      throw notUsable(error, this.#order.urls[0] ?? '')
    }
  }

  /** What is being made is awaited first, so that nothing comes after its removal. */
  async remove(): Promise<readonly string[]> {
    await this.#preparing?.catch(() => undefined)
    const left = await this.#belongings.remove(this.#desk)
    await this.#desk.line.close()
    return left
  }

  async depth(): Promise<number | undefined> {
    try {
      return await within(this.#order.timeoutMs, this.#desk.clock, this.#belongings.depth(this.#desk))
    } catch {
      return undefined
    }
  }

  async #prepare(): Promise<void> {
    const {connection} = await this.#desk.line.open()
    const {product, version} = connection.serverProperties
    this.#server = `${product} ${version}`
    this.#checkQuorum(connection.serverProperties)
    await this.#make()
    const {exchange, keyOf} = this.#names
    const desk = {...this.#desk, line: this.#line('rehearsal')}
    await rehearse(desk, {exchange, key: keyOf(0)}, this.#order.payloadBytes)
    const {exchange: chosen} = this.#options
    if (chosen !== undefined && (await this.#belongings.depth(this.#desk)) > this.#order.layout.fanout)
      throw spreads(chosen)
    await this.#belongings.empty(this.#desk)
  }

  #checkQuorum(properties: ServerProperties): void {
    if (this.#options.queueType === 'quorum' && !hasQuorumQueues(properties)) throw noQuorum(`${this.#server} has none`)
  }

  async #make(): Promise<void> {
    try {
      await this.#belongings.make(this.#desk)
    } catch (error) {
      const words = wordsOf(error)
      const quorum = this.#options.queueType === 'quorum' && /x-queue-type|quorum/.test(words)
      throw quorum ? noQuorum(words, error) : error
    }
  }
}

/** RabbitMQ has them since 3.8; before, it ignores the argument that asks for one, and makes a classic queue. Of other servers nothing is known. */
export function hasQuorumQueues({product, version}: Pick<ServerProperties, 'product' | 'version'>): boolean {
  const [major = NaN, minor = NaN] = version.split('.').map(Number)
  return product !== 'RabbitMQ' || !(major < 3 || (major === 3 && minor < 8))
}

function spreads(exchange: string): UsageError {
  return new UsageError(`the exchange '${exchange}' brings what is meant for one room to others too`, {
    hint: 'name a direct or topic exchange, or ask for --rooms 1',
  })
}

function noQuorum(why: string, cause?: unknown): TargetError {
  return new TargetError(`no quorum queue could be made: ${why}`, {
    cause,
    hint: 'ask for classic queues with --queue-type classic',
  })
}
