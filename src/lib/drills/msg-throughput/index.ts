/** msg-throughput: a steady rate of messages goes through one transport, and every one must come out once, in order, in time. */
import type {Drill} from '../drill.js'
import {check} from './check.js'
import {drive} from './drive.js'
import type {MsgThroughputFacts} from './facts.js'
import type {MsgThroughputInput} from './input.js'
import {msgThroughputMetrics} from './metrics.js'
import {plan, type MsgThroughputPlan} from './plan.js'

export const msgThroughput: Drill<MsgThroughputInput, MsgThroughputPlan, MsgThroughputFacts> = {
  name: 'msg-throughput',
  metrics: msgThroughputMetrics,
  latency: 'delivery_latency',
  next: () => ({
    ownSystem: 'proofload msg-throughput --target wss://… --profile proofload.yaml',
    undecided: {what: 'a longer run decides what was too close or too few', flags: 'with a longer --duration'},
  }),
  plan,
  drive,
  check,
}
