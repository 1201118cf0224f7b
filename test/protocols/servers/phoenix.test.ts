/** Phoenix Channels, held against the official client and flooded on a server that answers as that client expects. */
import {Socket} from 'phoenix'
import {WebSocket} from 'ws'
import {provesProtocol} from './flooding.js'
import {type Official, speaksLikeOfficialClient} from './official.js'
import type {Script} from './script.js'
import {servesSockets} from './socket-server.js'

type Message = [joinRef: string | null, ref: string, topic: string, event: string, payload: {body?: string}]

const serve = (script: Script) =>
  servesSockets(({socket, rooms}) => (text) => {
    const [joinRef, ref, topic, event, payload] = JSON.parse(text) as Message
    const reply = (status: 'ok' | 'error'): void =>
      socket.send(JSON.stringify([joinRef, ref, topic, 'phx_reply', {response: {}, status}]))
    if (event === 'heartbeat') return reply('ok')
    if (event === 'phx_join') {
      if (!script.admits()) return reply('error')
      rooms.enter(topic, socket)
      return reply('ok')
    }
    if (event !== 'new_msg') return
    const copies = script.copies()
    rooms.tell(topic, copies ?? 0, (member) => member.send(JSON.stringify([null, null, topic, event, payload])))
    reply(copies === undefined ? 'error' : 'ok')
  })

function official(url: string): Official {
  const heard: string[] = []
  const socket = new Socket(`${url}/socket`, {params: {token: 't'}, transport: WebSocket})
  const channel = socket.channel('room:lobby', {})
  const answered = (push: ReturnType<typeof channel.join>): Promise<boolean> =>
    new Promise((resolve) => push.receive('ok', () => resolve(true)).receive('error', () => resolve(false)))
  channel.on('new_msg', ({body}: {body: string}) => void heard.push(body))
  socket.connect()
  return {
    heard,
    join: () => answered(channel.join()),
    say: (body) => answered(channel.push('new_msg', {body})),
    close: () => socket.disconnect(),
  }
}

/** A client is free in its refs: what counts is which of them are the same. */
function meaning(frame: string): unknown[] {
  const [joinRef, ref, ...rest] = JSON.parse(frame) as Message
  return [[joinRef === ref ? 'the join itself' : 'of a join', ...rest]]
}

speaksLikeOfficialClient('phoenix', {serve, official, meaning, acks: true})
provesProtocol('phoenix', serve, {acks: true, refusesJoins: true})
