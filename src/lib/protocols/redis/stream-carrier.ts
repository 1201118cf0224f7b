/** Redis streams: a stream for each room, XADD in, one consumer group for each seat out; what is not acknowledged is handed over again. */
import type {Carrier, CarrierKit, CarrierShare, Outgoing} from '../messaging/carrier.js'
import {lanesOf} from './lanes.js'
import {namesOf} from './names.js'
import {openTogether} from './open-together.js'
import {addTo} from './posting.js'
import {Publishers} from './publishers.js'
import {StreamReader} from './stream-reader.js'
import {Trimmer} from './trimmer.js'

/**
 * Its streams and groups must be there (`redisSite`). XADD's answer is the acceptance; a message is acknowledged once the listener has got it. `publish` answers false
 * while its connection is down, or has 16,384 messages or its part of 64 MiB unanswered. What the server handed to a consumer that never acknowledged it,
 * in this carrier or in one before it, arrives with `again`.
 */
export function streamCarrier(share: CarrierShare, kit: CarrierKit): Carrier {
  const names = namesOf(share)
  const publishers = new Publishers(share, kit, (room) => addTo(names.of(room)))
  const readers = lanesOf(share).map((lane) => new StreamReader(share, kit, lane))
  const trimmer = new Trimmer(share, kit)
  const close = async (): Promise<void> => {
    await Promise.all([publishers.close(), trimmer.close(), ...readers.map((reader) => reader.close())])
  }
  return {
    async open() {
      try {
        await openTogether(readers, (reader) => reader.open())
        await trimmer.open()
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
