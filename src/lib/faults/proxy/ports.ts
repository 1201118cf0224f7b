/** Listens on a free port for which nobody asked: below the ephemeral range, and where no well-known service lives. */
import {randomInt} from 'node:crypto'

/**
 * Between 20000 (DNP) and 25565 (Minecraft) no service that people know by heart has its port, and the kernel hands out ports from
 * 32768 (Linux) or 49152: none of these is taken by an outgoing connection while a proxy is down.
 */
const FIRST = 20_001
const LAST = 25_564
const TRIES = 50

/** Tries random ports until one is free. Rejects with the last error when none was, and at once with any error but "in use". */
export async function onFreePort<Listening>(listen: (port: number) => Promise<Listening>): Promise<Listening> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await listen(randomInt(FIRST, LAST + 1))
    } catch (error) {
      if (!isInUse(error) || attempt === TRIES) throw error
    }
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
