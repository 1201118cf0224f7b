/** What comes before and after the load where the transport is a chat: it is asked at each node, and rooms, memberships and tokens are made. */
import {formatCount} from '../../base/format-units.js'
import {knock} from '../../chat/knock.js'
import {Preparation} from '../../chat/preparation.js'
import type {Kit} from '../drill.js'
import {chatPeople} from './chat-people.js'
import type {ThroughputCrew} from './crew.js'
import type {MsgThroughputShare} from './share.js'
import {transports} from './transports.js'

export class ChatPremises implements AsyncDisposable {
  readonly #share: MsgThroughputShare
  readonly #kit: Kit
  readonly #preparation: Preparation

  constructor(share: MsgThroughputShare, kit: Kit, crew: ThroughputCrew) {
    this.#share = share
    this.#kit = kit
    this.#preparation = new Preparation(chatPeople(share.plan.layout), kit, crew)
  }

  /** Where rooms have to be made first, nobody knocks before. Rejects with a TargetError. */
  async before(): Promise<void> {
    const madeFirst = this.#kit.target.profile.setup.length > 0
    if (!madeFirst) await this.#knock()
    await this.#preparation.setUp()
    if (madeFirst) await this.#knock()
    await this.#preparation.logIn()
    this.#preparation.loadBegins()
  }

  async after(): Promise<void> {
    await this.#preparation.tearDown()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.after()
  }

  async #knock(): Promise<void> {
    const {plan, target, sources} = this.#share
    this.#kit.note({phase: 'preflight', text: `asking ${formatCount(target.urls.length)} nodes`})
    await knock({people: chatPeople(plan.layout), target, sources}, this.#kit)
  }
}

/** Undefined for any other transport. */
export function premisesFor(share: MsgThroughputShare, kit: Kit, crew: ThroughputCrew): ChatPremises | undefined {
  return transports[share.plan.transport].reach === 'chat' ? new ChatPremises(share, kit, crew) : undefined
}
