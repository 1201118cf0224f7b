/** What the drill is asked in tests: little, and quickly. */
import type {MsgThroughputInput} from '../../../src/lib/drills/msg-throughput/input.js'
import {practiceProfile} from '../../../src/lib/targets/profile/load-profile.js'
import {machine} from '../machine.js'

/** 400 messages a second for two seconds through 20 rooms. */
export async function littleThroughput(changes: Partial<MsgThroughputInput> = {}): Promise<MsgThroughputInput> {
  return {
    transport: 'ws',
    rate: 400,
    rateTyped: true,
    durationMs: 2000,
    rampMs: 300,
    payload: {bytes: 128},
    rooms: 20,
    publishers: undefined,
    consumers: undefined,
    fanout: 1,
    findMax: false,
    amqp: {queueType: 'classic', prefetch: 100},
    partitions: undefined,
    archive: undefined,
    workers: 1,
    seed: 'little-throughput',
    targets: [],
    profile: await practiceProfile(),
    sourceAddresses: [],
    tls: {insecure: false},
    headers: {},
    faults: {specs: [], allowSticky: false},
    watch: [],
    machine,
    ...changes,
  }
}
