/** Waits for connections that were told to close, and ends at once what does not close in time. */
import type {Clock} from '../base/clock.js'
import type {Ms} from '../base/units.js'
import type {ChatConnection} from '../protocols/chat-connection.js'

const PATIENCE: Ms = 5000
const LOOK_EVERY: Ms = 20

export async function endConnections(leaving: readonly ChatConnection[], clock: Clock): Promise<void> {
  const left = () => leaving.every(({stage}) => stage === 'closed')
  for (const end = clock.now() + PATIENCE; !left() && clock.now() < end;) await clock.sleep(LOOK_EVERY)
  for (const connection of leaving) connection.terminate()
}
