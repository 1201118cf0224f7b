/** One node hears nothing any more once its link to Redis was lost, though the link itself is made anew. */
import type {Defect, DefectKit} from './defect.js'

export function neverResubscribe(index: number, {node}: DefectKit): Defect {
  return {staysDeaf: node === index}
}
