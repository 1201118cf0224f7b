/** Redis pub/sub: a channel for each room, PUBLISH in, SUBSCRIBE out; what is published while nobody listens is gone. */
import type {Carrier, CarrierKit, CarrierShare, Outgoing} from '../messaging/carrier.js'
import {consumerOf, roomOfSeat} from '../messaging/layout.js'
import {eachNode, nodeOf} from './address.js'
import {namesOf} from './names.js'
import {openTogether} from './open-together.js'
import {publishTo} from './posting.js'
import {Publishers} from './publishers.js'
import {Subscriber, type Subscription} from './subscriber.js'

/**
 * The layout must have passed `checkLayout`. PUBLISH's answer is the acceptance, however many receivers Redis counts. `publish` answers false while its connection is
 * down, or has 16,384 messages or its part of 64 MiB unanswered. In a cluster, where any node takes a message and all of them tell it, the connections are
 * spread over the nodes that the URL names.
 */
export function pubsubCarrier(share: CarrierShare, kit: CarrierKit): Carrier {
  const spread = {...share, urls: eachNode(share.urls)}
  const names = namesOf(spread)
  const publishers = new Publishers(spread, kit, (room) => publishTo(names.of(room)))
  const subscribers = subscribersOf(spread, kit)
  const close = async (): Promise<void> => {
    await Promise.all([publishers.close(), ...subscribers.map((subscriber) => subscriber.close())])
  }
  return {
    async open() {
      try {
        await openTogether(subscribers, (subscriber) => subscriber.open())
        await publishers.open()
      } catch (error) {
        await close()
        throw error
      }
    },
    publish: (message: Outgoing) => publishers.publish(message),
    [Symbol.asyncDispose]: close,
  }
}

/** One for each consumer of the share. */
function subscribersOf(share: CarrierShare, kit: CarrierKit): readonly Subscriber[] {
  const {layout, rooms, urls} = share
  const names = namesOf(share)
  const byConsumer = new Map<number, Subscription[]>()
  for (let seat = rooms.first * layout.fanout; seat < rooms.end * layout.fanout; seat++) {
    const consumer = consumerOf(layout, seat)
    const room = roomOfSeat(layout, seat)
    const subscriptions = byConsumer.get(consumer) ?? []
    subscriptions.push({channel: names.of(room), room, seat})
    byConsumer.set(consumer, subscriptions)
  }
  return [...byConsumer].map(
    ([consumer, subscriptions]) => new Subscriber({...share, urls: nodeOf(urls, consumer)}, kit, subscriptions),
  )
}
