/** Floods a server of a real protocol as `proofload ws-flood --protocol NAME` would, small and short. */
import {randomInt} from 'node:crypto'
import {describe, expect, it} from 'vitest'
import {HostClock} from '../../../src/lib/base/clock.js'
import {seededRandom} from '../../../src/lib/base/random.js'
import type {WsFloodInput} from '../../../src/lib/drills/ws-flood/input.js'
import {wsFlood} from '../../../src/lib/drills/ws-flood/index.js'
import {noOrders} from '../../../src/lib/faults/course/course.js'
import {profileFor} from '../../../src/lib/targets/profile/load-profile.js'
import {checkHosts} from '../../../src/lib/targets/safety/allow-list.js'
import {judge} from '../../../src/lib/verdict/judge.js'
import {mergeThresholds} from '../../../src/lib/verdict/threshold-check.js'
import {smallFlood} from '../../drills/ws-flood/fixture.js'
import {BROKEN, CLOSED, type Faults, GOOD, Script} from './script.js'

export interface ChatServer extends AsyncDisposable {
  /** One a node. */
  readonly urls: readonly string[]
}

/** Starts a server that does what the script says. */
export type Serve = (script: Script) => Promise<ChatServer>

/** 18 users in three rooms, 100 messages. */
const SMALL = {connections: 18, roomSize: 6, messageRate: 125, durationMs: 800, workers: 1}
const MESSAGES = 100

/** How fast a shared machine is says nothing about the protocol. */
const UNHURRIED = ['p99(delivery_latency) < 10s']

/** Metrics of the findings that failed, and what was counted. */
async function flood(protocol: string, urls: readonly string[], changes: Partial<WsFloodInput>) {
  const profile = await profileFor({protocol, targets: urls, kind: 'websocket'})
  const plan = {
    ...wsFlood.plan(await smallFlood({...SMALL, ...changes, targets: urls, profile})),
    drain: {quietMs: 600, atMostMs: 10_000},
  }
  const facts = await wsFlood.drive(plan, {
    clock: new HostClock(),
    random: seededRandom(plan.seed),
    signal: new AbortController().signal,
    target: {
      kind: 'external',
      description: protocol,
      urls,
      profile,
      headers: {},
      tls: {insecure: false},
      allowed: await checkHosts(urls, {allowHosts: [], allowProduction: false}),
    },
    orders: noOrders,
    runId: Array.from({length: 8}, () => randomInt(36).toString(36)).join(''),
    note: () => undefined,
  })
  // A test machine is busy with other tests; what a doubt does to a verdict is shown elsewhere.
  const checked = {...wsFlood.check(plan, facts), doubts: []}
  const findings = judge(mergeThresholds([...plan.thresholds], UNHURRIED), checked, facts.phases)
  return {
    failed: findings.filter(({verdict}) => verdict === 'fail').map(({metric}) => metric),
    count: (metric: string) => facts.measurements.total(metric),
  }
}

export interface Ways {
  /** Each message is confirmed or turned down. */
  readonly acks: boolean
  /** The server can turn a user away once its socket is open. */
  readonly refusesJoins: boolean
  /** Turning a message down ends the connection. */
  readonly closesOnRefusal?: boolean
  readonly changes?: Partial<WsFloodInput>
}

/** What a supported protocol has to show: a good server passes, a broken one is found out, a closed one is named before any load. */
export function provesProtocol(protocol: string, serve: Serve, ways: Ways): void {
  const {acks, refusesJoins, changes = {}} = ways
  const flooded = async (faults: Faults) => {
    const script = new Script(faults)
    await using server = await serve(script)
    return {...(await flood(protocol, server.urls, changes)), script}
  }

  describe(`a flood in ${protocol}`, () => {
    it('passes a good server, with every message acked and delivered once', async () => {
      const {failed, count, script} = await flooded(GOOD)
      expect(failed).toEqual([])
      expect([script.accepted, count('messages_published')]).toEqual([MESSAGES, MESSAGES])
      expect([count('messages_acked'), count('messages_unknown')]).toEqual([acks ? MESSAGES : 0, 0])
      expect(count('messages_delivered')).toBe(MESSAGES * (changes.roomSize ?? SMALL.roomSize))
      expect([count('protocol_errors'), count('messages_refused')]).toEqual([0, 0])
    })

    it('finds what a broken server refuses, loses and repeats', async () => {
      const {failed, count, script} = await flooded(BROKEN)
      expect(failed).toEqual([
        ...(refusesJoins ? ['connections_established'] : []),
        'messages_lost',
        'messages_duplicated',
        ...(ways.closesOnRefusal ? ['unexpected_disconnects'] : []),
      ])
      expect(count('connection_errors')).toBe(refusesJoins ? 1 : 0)
      expect(count('messages_acked')).toBe(acks ? script.accepted : 0)
      expect(count('messages_refused')).toBe(acks ? script.refused : 0)
    })

    it.runIf(refusesJoins)('does not begin where nobody is let in', async () => {
      await expect(flooded(CLOSED)).rejects.toThrow(/join-refused/)
    })
  })
}
