/** The network of this machine: ports, connections that linger, the conntrack table, queues, and loopback addresses. */
import {formatCount} from '../../base/format-units.js'
import type {Check} from '../../report/diagnosis-schema.js'
import {trackedLeft} from './plan-fit.js'
import {checked, isMac, setting, type Situation} from './situation.js'

/** As far as the ephemeral range can go down without meeting the ports of services. */
const WIDE = {first: 10_240, last: 65_535} as const
/** What the practice target asks its kernel for, and what Linux allows since 5.4. */
const QUEUE = 4096
/** Half-open connections that a busy ramp has at a time. */
const FEW_HANDSHAKES = 1024
/** macOS starts with 128. */
const MAC_QUEUE = 2048

export function portCheck(situation: Situation): Check {
  const {state, connections, routes} = situation
  const range = state.lastPort - state.firstPort + 1
  const fits = connections <= routes * range
  const value = `${formatCount(range)} ephemeral (${state.firstPort} to ${state.lastPort})`
  const row = {name: 'ports', value, allows: portWords(situation, range)}
  const wider = range < WIDE.last - WIDE.first
  const names = {linux: 'net.ipv4.ip_local_port_range', mac: 'net.inet.ip.portrange.first'}
  return checked(fits ? 'ok' : 'problem', row, [
    ...(wider ? setting(situation, names, isMac(situation) ? WIDE.first : `${WIDE.first} ${WIDE.last}`) : []),
    {
      what: `or connect from ${Math.ceil(connections / range / (routes || 1))} addresses of this machine, each given by --source-address`,
    },
    {what: 'or name further addresses or ports of the target by --target'},
  ])
}

function portWords({routes}: Situation, range: number): string {
  if (routes === Infinity) return 'any number of users on loopback, spread over 127.x.x.x'
  return `${formatCount(routes * range)} users on ${formatCount(routes)} ${routes === 1 ? 'pair' : 'pairs'} of own and target address`
}

const REUSE: Readonly<Record<number, string>> = {0: 'off', 1: 'on', 2: 'on loopback only'}

/** A closed connection keeps its port for a minute. */
export function timeWaitCheck(situation: Situation): Check | undefined {
  const {state, connections, routes} = situation
  const {timeWait, timeWaitReuse} = state
  if (timeWait === undefined) return undefined
  const left = routes * (state.lastPort - state.firstPort + 1) - timeWait
  const reused = timeWaitReuse === 1
  const row = {
    name: 'TIME_WAIT',
    value: `${formatCount(timeWait)} ports of earlier connections, tcp_tw_reuse ${REUSE[timeWaitReuse ?? -1] ?? 'unknown'}`,
    allows:
      routes === Infinity
        ? 'each run takes fresh loopback addresses'
        : reused
          ? 'they are used again'
          : `${formatCount(Math.max(0, left))} free`,
  }
  return checked(reused || connections <= left ? 'ok' : 'warning', row, [
    {what: 'wait a minute between runs'},
    ...setting(situation, {linux: 'net.ipv4.tcp_tw_reuse'}, 1),
  ])
}

export function conntrackCheck(situation: Situation): Check | undefined {
  const {state, connections} = situation
  if (isMac(situation)) return undefined
  const {trackedConnections = 0, trackedMost} = state
  if (trackedMost === undefined) return checked('ok', {name: 'conntrack', value: 'not loaded', allows: 'no limit'})
  const left = trackedLeft(state)
  const fits = connections <= left
  const unused = trackedConnections === 0
  const row = {
    name: 'conntrack',
    value: `${formatCount(trackedConnections)} of ${formatCount(trackedMost)} entries are used`,
    allows: unused ? 'no limit, as no rule tracks anything' : `${formatCount(left)} connections`,
  }
  const wanted = 2 ** Math.ceil(Math.log2(trackedConnections + connections * 2))
  return checked(fits ? 'ok' : 'problem', row, setting(situation, {linux: 'net.netfilter.nf_conntrack_max'}, wanted))
}

/** The queues stand on the machine that is connected to, so they count here for the practice target alone. */
export function queueCheck(situation: Situation): Check | undefined {
  const {acceptQueue, handshakeQueue = Infinity} = situation.state
  if (acceptQueue === undefined || !situation.bothEnds) return undefined
  const enough = isMac(situation) ? MAC_QUEUE : QUEUE
  const remedies = [
    ...(acceptQueue < enough
      ? setting(situation, {linux: 'net.core.somaxconn', mac: 'kern.ipc.somaxconn'}, enough)
      : []),
    ...(handshakeQueue < FEW_HANDSHAKES ? setting(situation, {linux: 'net.ipv4.tcp_max_syn_backlog'}, QUEUE) : []),
  ]
  const narrow = remedies.length > 0
  const row = {
    name: 'accept queue',
    value: queueWords(acceptQueue, handshakeQueue),
    allows: narrow ? 'bursts may be turned away' : `bursts of ${formatCount(enough)} connections at a node`,
  }
  return checked(narrow ? 'warning' : 'ok', row, remedies)
}

function queueWords(accept: number, handshakes: number): string {
  const own = `somaxconn ${formatCount(accept)}`
  return handshakes === Infinity ? own : `${own}, tcp_max_syn_backlog ${formatCount(handshakes)}`
}

export function loopbackCheck(situation: Situation): Check {
  const {state, connections, routes} = situation
  const fits = state.manyLoopbackAddresses || connections <= routes * (state.lastPort - state.firstPort + 1)
  const row = {
    name: 'own addresses',
    value: state.manyLoopbackAddresses
      ? 'all of 127.x.x.x can be connected from'
      : 'on loopback 127.0.0.1 alone can be connected from',
  }
  return checked(fits ? 'ok' : 'warning', row, [
    {
      what: 'add some, and name each by --source-address',
      command: 'for n in 2 3 4; do sudo ifconfig lo0 alias 127.0.0.$n; done',
    },
  ])
}
