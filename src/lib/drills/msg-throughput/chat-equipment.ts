/** What a worker has beside its carrier when the transport is a chat: who its users are, and what is made for them. */
import type {Identities} from '../../chat/identities.js'
import type {PremisesSteps} from '../../chat/premises-steps.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import type {MsgThroughputShare} from './share.js'
import {transports} from './transports.js'

export interface ChatEquipment {
  readonly identities: Identities
  readonly premises: PremisesSteps
}

/** Undefined for any other transport, which has neither users nor rooms to make. */
export async function chatEquipmentFor(share: MsgThroughputShare, kit: WorkerKit): Promise<ChatEquipment | undefined> {
  const {plan, target} = share
  if (transports[plan.transport].reach !== 'chat') return undefined
  const [{identitiesOf}, {Premises}, {premisesSteps}, {chatPeople}] = await Promise.all([
    import('../../chat/identities.js'),
    import('../../chat/premises.js'),
    import('../../chat/premises-steps.js'),
    import('./chat-people.js'),
  ])
  const people = chatPeople(plan.layout)
  const identities = identitiesOf({people, target}, kit)
  return {identities, premises: premisesSteps(new Premises({people, target}, kit, identities))}
}

/** Of a transport that is no chat. */
export const nothingToMake: PremisesSteps = {
  setUp: () => Promise.resolve(true),
  logIn: () => Promise.resolve(true),
  tearDown: () => Promise.resolve({removed: 0, failed: 0, left: 0, firstFailure: undefined}),
}
