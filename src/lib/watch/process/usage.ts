/** What the system tells about one process at one moment. */
import type {Bytes, Ms} from '../../base/units.js'

export interface Usage {
  /** Tells it from a later process with the same id. */
  readonly identity: string
  /** Processor time of all its threads since it began. */
  readonly cpuMs: Ms
  /** The same of each thread that lives, by its id; undefined where threads cannot be told apart. */
  readonly threadsMs: ReadonlyMap<string, Ms> | undefined
  readonly memoryBytes: Bytes
  /** What it may use: the limit of its control group, or what the machine has. */
  readonly memoryLimitBytes: Bytes
}
