/** The carrier of a transport, loaded when it is asked for: nobody needs all clients at once. */
import type {WorkerKit} from '../../load/worker-kit.js'
import type {Carrier, CarrierShare} from '../../protocols/messaging/carrier.js'
import {roomsOf} from '../../protocols/messaging/layout.js'
import type {ChatListener} from './chat-carrier.js'
import type {ChatEquipment} from './chat-equipment.js'
import type {MsgThroughputShare} from './share.js'

export interface CarrierParts {
  readonly listener: ChatListener
  /** Where the transport is a chat. */
  readonly chat: ChatEquipment | undefined
}

/** Not connected yet. Throws a UsageError for a target that cannot speak the transport. */
export async function carrierFor(
  share: MsgThroughputShare,
  kit: WorkerKit,
  {listener, chat}: CarrierParts,
): Promise<Carrier> {
  const {plan} = share
  const own = {clock: kit.clock, random: kit.random, listener}
  switch (plan.transport) {
    case 'ws':
    case 'http':
      return await chatCarrier(share, kit, {listener, chat})
    case 'redis-pubsub': {
      const {pubsubCarrier} = await import('../../protocols/redis/pubsub-carrier.js')
      return pubsubCarrier(carrierShare(share, kit), own)
    }
    case 'redis-stream': {
      const {streamCarrier} = await import('../../protocols/redis/stream-carrier.js')
      return streamCarrier(carrierShare(share, kit), own)
    }
    case 'amqp': {
      const {amqpCarrier} = await import('../../protocols/amqp/amqp-carrier.js')
      if (!plan.amqp) throw new Error('a plan for amqp says which queues')
      return amqpCarrier(carrierShare(share, kit), own, plan.amqp)
    }
    case 'postgres': {
      const {postgresCarrier} = await import('../../protocols/postgres/postgres-carrier.js')
      return postgresCarrier(carrierShare(share, kit), own)
    }
  }
}

async function chatCarrier(
  share: MsgThroughputShare,
  kit: WorkerKit,
  {listener, chat}: CarrierParts,
): Promise<Carrier> {
  if (!chat) throw new Error('a chat has users')
  const [{ChatCarrier}, {FrameDesk}, {RequestDesk}] = await Promise.all([
    import('./chat-carrier.js'),
    import('./frame-desk.js'),
    import('./request-desk.js'),
  ])
  const desk = share.plan.transport === 'ws' ? FrameDesk : RequestDesk
  return new ChatCarrier({share, kit, listener, identities: chat.identities, desk: (parts) => new desk(parts)})
}

function carrierShare({plan, target}: MsgThroughputShare, {index, workers, runId}: WorkerKit): CarrierShare {
  return {
    layout: plan.layout,
    rooms: roomsOf(plan.layout, index, workers),
    urls: target.urls,
    tls: target.tls,
    run: runId,
    timeoutMs: plan.ackTimeoutMs,
  }
}
