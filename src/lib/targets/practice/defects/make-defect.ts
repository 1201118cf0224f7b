/** From a spec to the defect that does it. */
import {UsageError} from '../../../base/errors.js'
import {ackBeforeStore} from './ack-before-store.js'
import {archiveSkipsBatch} from './archive-skips-batch.js'
import {closeConnections} from './close-connections.js'
import {closeReceivers} from './close-receivers.js'
import {crashOnRedisLoss} from './crash-on-redis-loss.js'
import {deafNode} from './deaf-node.js'
import type {Defect, DefectKit} from './defect.js'
import {dropDuringOutage} from './drop-during-outage.js'
import {duplicateDeliveries} from './duplicate-deliveries.js'
import {duplicateOnRetry} from './duplicate-on-retry.js'
import {falseSuccess} from './false-success.js'
import {growingBacklog} from './growing-backlog.js'
import {herdReconnect} from './herd-reconnect.js'
import {hotShard} from './hot-shard.js'
import {loseDeliveries} from './lose-deliveries.js'
import {loseUnderLoad} from './lose-under-load.js'
import {missingPartition} from './missing-partition.js'
import {neverIdleClose} from './never-idle-close.js'
import {neverResubscribe} from './never-resubscribe.js'
import {noRoomCap} from './no-room-cap.js'
import type {ChatDefect} from './catalogue.js'
import type {DefectSpec} from './parse-defect.js'
import {refuseHandshakes} from './refuse-handshakes.js'
import {reorderDeliveries} from './reorder-deliveries.js'
import {stallOutput} from './stall-output.js'
import {ungracefulCap} from './ungraceful-cap.js'
import {wrongRoom} from './wrong-room.js'
import {zombieMember} from './zombie-member.js'

type ValueOf<Name extends ChatDefect> = Extract<DefectSpec, {readonly name: Name}>['value']

const MAKERS: {readonly [Name in ChatDefect]: (value: ValueOf<Name>, kit: DefectKit) => Defect} = {
  'lose-deliveries': loseDeliveries,
  'duplicate-deliveries': duplicateDeliveries,
  'reorder-deliveries': reorderDeliveries,
  'wrong-room': wrongRoom,
  'stall-output': stallOutput,
  'refuse-handshakes': refuseHandshakes,
  'deaf-node': deafNode,
  'close-connections': closeConnections,
  'no-room-cap': noRoomCap,
  'ungraceful-cap': ungracefulCap,
  'zombie-member': zombieMember,
  'never-idle-close': neverIdleClose,
  'close-receivers': closeReceivers,
  'never-resubscribe': neverResubscribe,
  'drop-during-outage': dropDuringOutage,
  'crash-on-redis-loss': crashOnRedisLoss,
  'herd-reconnect': herdReconnect,
  'false-success': falseSuccess,
  'lose-under-load': loseUnderLoad,
  'ack-before-store': ackBeforeStore,
  'hot-shard': hotShard,
  'growing-backlog': growingBacklog,
  'missing-partition': missingPartition,
  'archive-skips-batch': archiveSkipsBatch,
  'duplicate-on-retry': duplicateOnRetry,
}

export function makeDefect({name, value}: DefectSpec, kit: DefectKit): Defect {
  if (!isOfNodes(name)) throw new UsageError(`${name} is a defect of the practice database, not of its nodes`)
  // The table pairs each name with the maker that takes its value.
  const make = MAKERS[name] as (value: DefectSpec['value'], kit: DefectKit) => Defect
  return make(value, kit)
}

function isOfNodes(name: DefectSpec['name']): name is ChatDefect {
  return Object.hasOwn(MAKERS, name)
}
