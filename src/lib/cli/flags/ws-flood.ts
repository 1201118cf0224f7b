/** The flags of ws-flood, and how they become its input. */
import type {WsFloodInput} from '../../drills/ws-flood/input.js'
import type {CommonInput} from '../request.js'
import {option, type Values} from './option.js'
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
    durationMs: own.duration,
    messageRate: own['message-rate'],
    payloadBytes: own.payload,
    reconnect: own.reconnect,
  }
}
