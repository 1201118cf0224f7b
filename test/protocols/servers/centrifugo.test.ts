/** Centrifugo, held against the official client and flooded on a server that answers as that client expects. */
import {Centrifuge} from 'centrifuge'
import {WebSocket} from 'ws'
import {provesProtocol} from './flooding.js'
import {type Official, speaksLikeOfficialClient} from './official.js'
import type {Script} from './script.js'
import {servesSockets} from './socket-server.js'

interface Command {
  readonly id?: number
  readonly connect?: {readonly token: string}
  readonly subscribe?: {readonly channel: string}
  readonly publish?: {readonly channel: string; readonly data: {readonly text: string}}
}

const DENIED = {error: {code: 103, message: 'permission denied'}}
const WELCOME = {connect: {client: 'c1', version: '6.0.0', ping: 25, pong: true}}

/** Pushes go out together with the next reply where there is one, as a busy server does. */
const serve = (script: Script) =>
  servesSockets(({socket, rooms}) => {
    const answer = ({id, connect, subscribe, publish}: Command): object[] => {
      if (connect) return [{id, ...WELCOME}]
      if (subscribe) {
        if (!script.admits()) return [{id, ...DENIED}]
        rooms.enter(subscribe.channel, socket)
        // With a ping behind it.
        return [{id, subscribe: {}}, {}]
      }
      if (!publish) return []
      const {channel, data} = publish
      const copies = script.copies()
      if (copies === undefined) return [{id, ...DENIED}]
      const push = {push: {channel, pub: {data}}}
      rooms.tell(channel, copies, (member) => member !== socket && member.send(JSON.stringify(push)))
      return [...Array.from({length: copies}, () => push), {id, publish: {}}]
    }
    return (text) => {
      const replies = text.split('\n').flatMap((line) => answer(JSON.parse(line) as Command))
      if (replies.length > 0) socket.send(replies.map((reply) => JSON.stringify(reply)).join('\n') + '\n')
    }
  })

function official(url: string): Official {
  const heard: string[] = []
  const client = new Centrifuge(`${url}/connection/websocket`, {websocket: WebSocket, token: 't'})
  const subscription = client.newSubscription('lobby')
  subscription.on('publication', ({data}: {data: {text: string}}) => heard.push(data.text))
  return {
    heard,
    join() {
      client.connect()
      subscription.subscribe()
      return new Promise((resolve) => {
        subscription.on('subscribed', () => resolve(true))
        subscription.on('unsubscribed', () => resolve(false))
        subscription.on('error', () => resolve(false))
      })
    },
    say: (text) =>
      subscription.publish({text}).then(
        () => true,
        () => false,
      ),
    close: () => client.disconnect(),
  }
}

/**
 * A client is free in its ids, may say what it is and what it can do (its flag says that it understands channels as numbers, which no
 * server may send to who does not), and may put several commands into one frame.
 */
const FREE = new Set(['id', 'name', 'flag'])
function meaning(frame: string): unknown[] {
  const meant = (key: string, value: unknown): unknown => (FREE.has(key) ? undefined : value)
  return frame.split('\n').map((line): unknown => JSON.parse(line, meant))
}

speaksLikeOfficialClient('centrifugo', {serve, official, meaning, acks: true})
provesProtocol('centrifugo', serve, {acks: true, refusesJoins: true})
