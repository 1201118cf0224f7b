/** One node is not subscribed to the broadcast. */
import type {Defect, DefectKit} from './defect.js'

export function deafNode(index: number, {node}: DefectKit): Defect {
  return {deaf: node === index}
}
