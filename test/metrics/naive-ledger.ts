/** A ledger that keeps everything and looks through all of it each time: slow, and too plain to be wrong. */
import type {Acceptance, Receipt} from '../../src/lib/metrics/stream.js'

interface Message {
  readonly publisher: number
  readonly sequence: number
  readonly sender: number
  readonly phase: string
  /** Position among everything that happened. */
  readonly sentAt: number
  readonly due: Set<number>
  readonly got: Set<number>
  acceptance: Acceptance
  acceptedAt: number
}

interface Rules {
  readonly echo: boolean
  readonly inFlightMs: number
}

export class NaiveLedger {
  readonly #rules: Rules
  readonly #messages: Message[] = []
  readonly #present = new Set<number>()
  readonly #departed = new Set<number>()
  readonly #entered = new Set<number>()
  readonly #enteredAt = new Map<number, number>()
  /** What members received of messages that were due to them, in that order. */
  readonly #deliveries: {member: number; message: Message}[] = []
  #happened = 0

  constructor(rules: Rules) {
    this.#rules = rules
  }

  enter(member: number): void {
    this.#present.add(member)
    this.#entered.add(member)
    this.#departed.delete(member)
    this.#enteredAt.set(member, this.#happened++)
  }

  lose(member: number, at: number): void {
    if (!this.#present.delete(member)) return
    for (const message of this.#messages) {
      const hadTime = message.acceptance === 'accepted' && message.acceptedAt + this.#rules.inFlightMs <= at
      if (!hadTime && !message.got.has(member)) message.due.delete(member)
    }
  }

  depart(member: number, at: number): void {
    this.lose(member, at)
    this.#departed.add(member)
  }

  publish(publisher: number, sender: number, phase: string): number {
    const due = new Set(this.#present)
    if (!this.#rules.echo) due.delete(sender)
    const sequence = this.#messages.filter((message) => message.publisher === publisher).length
    const sentAt = this.#happened++
    const open = {acceptance: 'pending', acceptedAt: 0} as const
    this.#messages.push({publisher, sequence, sender, phase, sentAt, due, got: new Set(), ...open})
    return sequence
  }

  /** A refusal is final. */
  settle(publisher: number, sequence: number, acceptance: Acceptance, at: number): void {
    const message = this.#find(publisher, sequence)
    if (!message || message.acceptance === 'failed') return
    message.acceptance = acceptance
    message.acceptedAt = at
  }

  /**
   * What may be said of this receipt. There are two answers where it depends on whether the message is forgotten yet: for
   * one that came again to a member that was away meanwhile, or was refused after it had come.
   */
  receive(member: number, publisher: number, sequence: number): readonly Receipt[] {
    const message = this.#find(publisher, sequence)
    if (!message || this.#departed.has(member)) return ['unexpected']
    const early = !this.#present.has(member) || message.sentAt < (this.#enteredAt.get(member) ?? 0)
    if (!early && !this.#rules.echo && member === message.sender) return ['unexpected']
    if (message.acceptance === 'failed')
      return early ? ['late-joiner'] : ['unexpected', ...this.#again(message, member)]
    if (message.got.has(member)) return early ? ['late-joiner', 'duplicated'] : ['duplicated']
    message.got.add(member)
    if (!message.due.has(member)) return ['late-joiner']
    const later = this.#deliveries.some(
      (delivery) =>
        delivery.member === member &&
        delivery.message.publisher === publisher &&
        delivery.message.sequence > message.sequence,
    )
    this.#deliveries.push({member, message})
    return [later && !early ? 'reordered' : 'delivered']
  }

  /** By phase: what was delivered to those that it was due to, and `phase publisher:sequence>member` of all that was lost. */
  close(): {delivered: Map<string, number>; lost: string[]; unproven: number[]} {
    const delivered = new Map<string, number>()
    for (const {message} of this.#deliveries) delivered.set(message.phase, (delivered.get(message.phase) ?? 0) + 1)
    const waiting = this.#messages
      .filter(({acceptance}) => acceptance === 'accepted')
      .flatMap((message) =>
        [...message.due].filter((member) => !message.got.has(member)).map((member) => ({message, member})),
      )
    const proven = new Set([...this.#deliveries, ...waiting].map(({member}) => member))
    return {
      delivered,
      lost: waiting.map(({message, member}) => lossOf({...message, member})).sort(),
      unproven: [...this.#entered].filter((member) => !proven.has(member)).sort((a, b) => a - b),
    }
  }

  /** All deliveries of accepted messages that stayed due to the end, whether they came or not. */
  dueOfAccepted(): number {
    return this.#messages.filter(({acceptance}) => acceptance === 'accepted').reduce((sum, {due}) => sum + due.size, 0)
  }

  /** Deliveries of messages that were due, yet not accepted in the end. */
  deliveredOtherwise(): number {
    return this.#deliveries.filter(({message}) => message.acceptance !== 'accepted').length
  }

  #again({got}: Message, member: number): Receipt[] {
    return got.has(member) ? ['duplicated'] : []
  }

  #find(publisher: number, sequence: number): Message | undefined {
    return this.#messages.find((message) => message.publisher === publisher && message.sequence === sequence)
  }
}

export function lossOf(loss: {phase: string; publisher: number; sequence: number; member: number}): string {
  return `${loss.phase} ${loss.publisher}:${loss.sequence}>${loss.member}`
}
