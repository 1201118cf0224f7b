/** How many operations a Redis has done for others, from its own counters. */
import type {RedisControl} from './control.js'

/** What the faults themselves and replication call: `cmdstat_client|kill`, `cmdstat_info`, … */
const NOT_OPERATIONS = /^(client|info|config|replconf|psync|sync)(\||$)/

/** Calls of all commands that are operations of a client; undefined where the server counts none (our in-process one, some services). */
export async function operationsOfOthers(control: RedisControl): Promise<number | undefined> {
  const text = String(await control.call('INFO', 'commandstats'))
  const counts = [...text.matchAll(/^cmdstat_([^:\s]+):calls=(\d+)/gm)]
  if (counts.length === 0) return undefined
  return counts
    .filter(([, command = '']) => !NOT_OPERATIONS.test(command))
    .reduce((sum, [, , calls]) => sum + Number(calls), 0)
}
