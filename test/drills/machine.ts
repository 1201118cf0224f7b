/** What the machine allows in tests of drills: little, and the same everywhere. */
import type {Machine} from '../../src/lib/drills/drill.js'

export const machine: Machine = {
  cores: 2,
  memoryBytes: 8 * 1024 ** 3,
  descriptorsPerProcess: 20_000,
  ephemeralPorts: 28_000,
  platform: process.platform,
}
