/** A line whose listener writes down what it is told, and the user at its end. */
import {vi} from 'vitest'
import type {ClientOptions} from 'ws'
import {StampReader} from '../../../src/lib/protocols/stamp.js'
import type {Ending, Line} from '../../../src/lib/protocols/chat-connection.js'
import {Connection} from '../../../src/lib/protocols/websocket/connection.js'
import {compileDialect} from '../../../src/lib/protocols/websocket/dialect.js'
import type {Protocol} from '../../../src/lib/protocols/websocket/protocol.js'

export const RUN = 'k3x9a0zz'
/** A bound for what must happen; never a time that something should take. */
const PATIENCE = {timeout: 10_000, interval: 5}

export const PROTOCOL: Protocol = {
  name: 'test',
  join: {send: 'join {{room}} as {{user}}', until: {startsWith: 'joined'}},
  publish: {send: 'say {{id}} {{body}}', ack: {when: {startsWith: 'ack'}, idAfter: 'ack '}},
  leave: {send: 'leave {{room}}'},
  answer: [{when: {equals: 'are you there'}, send: 'i am here'}],
  refused: {startsWith: 'refused'},
  error: {startsWith: 'error'},
}

/** Everything that its listener was told. */
export class Told {
  entered = 0
  readonly stamps: [publisher: number, sequence: number, due: number][] = []
  readonly acks: (number | undefined)[] = []
  readonly refusals: (number | undefined)[] = []
  readonly protocolErrors: string[] = []
  readonly endings: Ending[] = []
}

export interface TestUser {
  readonly connection: Connection
  readonly told: Told
  /** Resolves once `what` holds of what was told. */
  readonly until: (what: (told: Told) => boolean) => Promise<Told>
}

/** Dials with the limits that a drill has. */
export function dial(url: string, protocol: Protocol = PROTOCOL, options: ClientOptions = {}): TestUser {
  const told = new Told()
  const dialect = compileDialect(protocol)
  const line: Line = {
    dialect,
    reader: new StampReader(RUN),
    who: (user) => ({user: `user-${user}`, n: user, room: 'lobby', token: 't', run: RUN}),
    listener: {
      entered: () => told.entered++,
      stamp: (_, ...stamp) => told.stamps.push(stamp),
      acked: (_, id) => told.acks.push(id),
      publishRefused: (_, id) => told.refusals.push(id),
      protocolError: (_, reason) => told.protocolErrors.push(reason),
      ended: (_, ending) => told.endings.push(ending),
    },
  }
  const limits = {perMessageDeflate: false, maxPayload: dialect.maxFrame}
  const connection = new Connection(line, {user: 7, url, options: {...limits, ...options}})
  return {
    connection,
    told,
    async until(what) {
      await vi.waitUntil(() => what(told), PATIENCE)
      return told
    },
  }
}

export const hasEntered = ({entered}: Told): boolean => entered > 0
export const hasEnded = ({endings}: Told): boolean => endings.length > 0

/** For the end of a test, whatever became of the user. */
export function closingOf({connection}: TestUser): AsyncDisposable {
  return {
    [Symbol.asyncDispose]() {
      connection.terminate()
      return Promise.resolve()
    },
  }
}
