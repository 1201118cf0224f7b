/** From a spec to the defect that does it. */
import {closeConnections} from './close-connections.js'
import {deafNode} from './deaf-node.js'
import type {Defect, DefectKit} from './defect.js'
import {duplicateDeliveries} from './duplicate-deliveries.js'
import {loseDeliveries} from './lose-deliveries.js'
import type {DefectSpec} from './parse-defect.js'
import {refuseHandshakes} from './refuse-handshakes.js'
import {reorderDeliveries} from './reorder-deliveries.js'
import {stallOutput} from './stall-output.js'
import {wrongRoom} from './wrong-room.js'

export function makeDefect(spec: DefectSpec, kit: DefectKit): Defect {
  switch (spec.name) {
    case 'lose-deliveries':
      return loseDeliveries(spec.value, kit)
    case 'duplicate-deliveries':
      return duplicateDeliveries(spec.value, kit)
    case 'reorder-deliveries':
      return reorderDeliveries(spec.value, kit)
    case 'wrong-room':
      return wrongRoom(spec.value, kit)
    case 'stall-output':
      return stallOutput(spec.value, kit)
    case 'refuse-handshakes':
      return refuseHandshakes(spec.value, kit)
    case 'deaf-node':
      return deafNode(spec.value, kit)
    case 'close-connections':
      return closeConnections(spec.value, kit)
  }
}
