/** Publishes by HTTP requests as the chat's protocol says; a voice sends its next message when the last one was answered, so that its order holds. */
import {UsageError} from '../../base/errors.js'
import {sender, type Answer, type Sender} from '../../protocols/http/send.js'
import {httpUrlOf} from '../../targets/profile/url.js'
import type {Outcome, Outgoing} from '../../protocols/messaging/carrier.js'
import {compilePublishing, type Publishing} from '../../protocols/sse/publishing.js'
import {tlsOptions} from '../../protocols/tls.js'
import {pinnedLookup} from '../../targets/safety/pinned-lookup.js'
import type {Desk, DeskParts} from './desk.js'

const NAMES = ['n', 'user', 'room', 'token', 'run', 'id', 'body', 'sequence']
/** Messages of one voice that wait for their turn; more would only be a memory of what the target did not take. */
const MOST_WAITING = 1000

export class RequestDesk implements Desk {
  readonly #parts: DeskParts
  readonly #publishing: Publishing
  readonly #sender: Sender
  /** The messages of each voice, the one that is on its way first. */
  readonly #queues = new Map<number, Outgoing[]>()

  constructor(parts: DeskParts) {
    const {target, plan} = parts.share
    this.#parts = parts
    const {http} = target.profile.protocol.publish
    if (!http) throw new UsageError(`the protocol ${target.profile.protocol.name} does not say how to publish by HTTP`)
    this.#publishing = compilePublishing(http, NAMES)
    this.#sender = sender({
      timeoutMs: plan.ackTimeoutMs,
      lookup: pinnedLookup(target.allowed),
      tls: tlsOptions(target.tls),
    })
  }

  send(message: Outgoing): boolean {
    const queue = this.#queues.get(message.voice) ?? []
    this.#queues.set(message.voice, queue)
    if (queue.length >= MOST_WAITING) return false
    if (queue.push(message) === 1) void this.#sendAll(message.voice, queue)
    return true
  }

  /** Answers come with the requests. */
  answered(): void {
    return
  }

  lost(): void {
    return
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const queue of this.#queues.values()) queue.splice(1)
    await this.#sender[Symbol.asyncDispose]()
  }

  async #sendAll(voice: number, queue: Outgoing[]): Promise<void> {
    for (let message = queue[0]; message; message = queue[0]) {
      const answer = await this.#sender.send(this.#request(voice, message))
      queue.shift()
      this.#parts.listener.answered(message.ticket, ...outcomeOf(answer))
    }
  }

  #request(voice: number, {ticket, text}: Outgoing) {
    const {target} = this.#parts.share
    const who = this.#parts.identities.who(voice)
    const url = target.urls[voice % target.urls.length] ?? ''
    const request = this.#publishing.fill({...who, id: ticket, body: text, sequence: ticket}, httpUrlOf(url))
    return {...request, headers: {...target.profile.headers, ...target.headers, ...request.headers}}
  }
}

function outcomeOf(answer: Answer): [Outcome, string?] {
  if (answer.state !== 'answered') return [answer.state, answer.reason]
  const {status} = answer
  if (status >= 200 && status <= 299) return ['accepted']
  // Whoever fails in the midst of it may have carried it out before.
  return [status < 500 ? 'failed' : 'unknown', `status-${status}`]
}
