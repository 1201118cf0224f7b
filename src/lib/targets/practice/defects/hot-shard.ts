/** A share of the rooms is kept in the first shard whatever their hash says; which ones, all nodes agree. */
import type {Share} from '../../../base/units.js'
import {stableHash} from '../stable-hash.js'
import type {Defect} from './defect.js'

export function hotShard(share: Share): Defect {
  return {placing: (next) => (room) => (stableHash(`hot ${room}`) / 2 ** 32 < share ? 0 : next(room))}
}
