/** ws-flood: thousands of WebSocket users talk in rooms, and every message must reach every member once, in order, in time. */
import type {Drill} from '../drill.js'
import {check} from './check.js'
import {drive} from './drive.js'
import type {WsFloodFacts} from './facts.js'
import type {WsFloodInput} from './input.js'
import {wsFloodMetrics} from './metrics.js'
import {plan, type WsFloodPlan} from './plan.js'

export const wsFlood: Drill<WsFloodInput, WsFloodPlan, WsFloodFacts> = {
  name: 'ws-flood',
  metrics: wsFloodMetrics,
  latency: 'delivery_latency',
  next: () => ({
    ownSystem: 'proofload ws-flood --target wss://… --profile proofload.yaml',
    undecided: {what: 'a longer run decides what was too close or too few', flags: 'with a longer --duration'},
  }),
  plan,
  drive,
  check,
}
