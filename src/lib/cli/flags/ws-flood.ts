/** The flags of ws-flood, and how they become its input. */
import type {WsFloodInput} from '../../drills/ws-flood/input.js'
import type {CommonInput} from '../../drills/drill.js'
import {option, toggle, type Values} from './option.js'
import {count, duration, oneOf, rate, size} from './read.js'

export const wsFloodFlags = {
  connections: option(count, {value: 'N', usual: '50000', summary: 'Users to hold at the same time.'}),
  'connect-rate': option(rate, {value: 'RATE', usual: '5000/s', summary: 'How fast users connect.'}),
  'room-size': option(count, {value: 'N', usual: '50', summary: 'Members of a room.'}),
  duration: option(duration, {value: 'TIME', usual: '20s', summary: 'How long the users are held while they talk.'}),
  'message-rate': option(rate, {
    value: 'RATE',
    usual: '200/s',
    summary: 'Messages of all rooms together, evenly paced.',
  }),
  payload: option(size, {value: 'SIZE', usual: '128B', summary: 'Size of a message.'}),
  'find-max': toggle({
    summary:
      'Search for the most users up to --connections: raise them level by level until a threshold breaks, then close in on the knee.',
  }),
  'step-duration': option(duration, {
    value: 'TIME',
    usual: '5s',
    summary: 'With --find-max: how long the users of each level talk, in place of --duration.',
  }),
  'check-room-cap': option(count, {
    value: 'N',
    summary:
      'Have N + 20 users try one room: exactly N must get in, the others be refused politely, and nobody inside suffer.',
  }),
  'check-idle': option(duration, {
    value: 'LENGTH',
    summary:
      'Silent users must be closed after LENGTH (+10 %), users that keep alive or receive must not; the users are held for at least LENGTH × 1.1 and a little.',
  }),
  reconnect: option(oneOf(['full-jitter', 'off']), {
    value: 'full-jitter|off',
    usual: 'full-jitter',
    summary: 'How users that lost their connection come back.',
  }),
}

export function toWsFloodInput(own: Values<typeof wsFloodFlags>, common: CommonInput): WsFloodInput {
  return {
    ...common,
    connections: own.connections,
    connectRate: own['connect-rate'],
    roomSize: own['room-size'],
    findMax: own['find-max'],
    durationMs: own['find-max'] ? own['step-duration'] : own.duration,
    messageRate: own['message-rate'],
    payloadBytes: own.payload,
    reconnect: own.reconnect,
    checkRoomCap: own['check-room-cap'],
    checkIdleMs: own['check-idle'],
  }
}
