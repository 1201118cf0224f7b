/** The flags of `proofload doctor`: those of drills that say who is meant and how large the plan is. */
import {everywhereFlags, generatorFlags, targetFlags} from './common.js'
import type {Values} from './option.js'
import {wsFloodFlags} from './ws-flood.js'

const {defect: _, ...rest} = targetFlags
/** With their own names, as TypeScript could not write the type of a rest down. */
const whoIsMeant: Omit<typeof targetFlags, 'defect'> = rest
const connections: typeof wsFloodFlags.connections = {
  ...wsFloodFlags.connections,
  summary: 'Users of the plan that is asked about.',
}

export const doctorFlags = {
  connections,
  'room-size': wsFloodFlags['room-size'],
  'source-address': generatorFlags['source-address'],
  ...whoIsMeant,
}

export type DoctorFlagValues = Values<typeof doctorFlags> & Values<typeof everywhereFlags>
