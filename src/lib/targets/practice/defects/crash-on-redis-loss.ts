/** One node's process ends when its link to Redis is lost. */
import type {Defect, DefectKit} from './defect.js'

export function crashOnRedisLoss(index: number, {node, crash}: DefectKit): Defect {
  return node === index ? {redisLost: () => crash('Redis is gone')} : {}
}
