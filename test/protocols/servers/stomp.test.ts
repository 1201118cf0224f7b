/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- the client's options are classes in its types alone */
/** STOMP over WebSocket, held against the official client and flooded on a broker that answers as that client expects. */
import {Client, ReconnectionTimeMode, StompHeaders, Versions} from '@stomp/stompjs'
import {WebSocket} from 'ws'
import {provesProtocol} from './flooding.js'
import {type Official, speaksLikeOfficialClient} from './official.js'
import type {Script} from './script.js'
import {servesSockets} from './socket-server.js'

interface Frame {
  readonly command: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function parseFrame(text: string): Frame {
  const [head = '', ...body] = text.replace(/\0$/, '').split('\n\n')
  const [command = '', ...lines] = head.split('\n')
  const headers = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const)
  return {command, headers: Object.fromEntries(headers), body: body.join('\n\n')}
}

function writeFrame({command, headers, body}: Frame): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`)
  return `${[command, ...lines].join('\n')}\n\n${body}\0`
}

const serve = (script: Script) =>
  servesSockets(({socket, rooms}) => {
    let messages = 0
    const say = (command: string, headers: Frame['headers'], body = ''): void =>
      socket.send(writeFrame({command, headers, body}))
    return (text) => {
      const {command, headers, body} = parseFrame(text)
      const {receipt = '', destination = ''} = headers
      const turnDown = (): void => {
        say('ERROR', {'receipt-id': receipt, message: 'not allowed'})
        socket.close()
      }
      if (command === 'CONNECT') return say('CONNECTED', {version: '1.2', 'heart-beat': '0,20000'})
      if (command === 'SUBSCRIBE') {
        if (!script.admits()) return turnDown()
        rooms.enter(destination, socket)
        return say('RECEIPT', {'receipt-id': receipt})
      }
      if (command !== 'SEND') return
      const copies = script.copies()
      if (copies === undefined) return turnDown()
      const named = {subscription: '0', 'message-id': String(++messages), destination}
      rooms.tell(destination, copies, (member) => member.send(writeFrame({command: 'MESSAGE', headers: named, body})))
      say('RECEIPT', {'receipt-id': receipt})
    }
  }, 'v12.stomp')

function official(url: string): Official {
  const heard: string[] = []
  const client = new Client({
    webSocketFactory: () => new WebSocket(`${url}/ws`, Versions.default.protocolVersions()),
    connectHeaders: {host: '/', login: 'user-7', passcode: 't'},
    heartbeatOutgoing: 20_000,
    heartbeatIncoming: 0,
    reconnectDelay: 0,
    reconnectTimeMode: ReconnectionTimeMode.LINEAR,
  })
  const answered = (receipt: string, ask: () => void): Promise<boolean> =>
    new Promise((resolve) => {
      client.watchForReceipt(receipt, () => resolve(true))
      client.onStompError = () => resolve(false)
      ask()
    })
  const headers: StompHeaders = {'content-type': 'text/plain', receipt: '1'}
  return {
    heard,
    async join() {
      await new Promise<void>((resolve) => {
        client.onConnect = () => resolve()
        client.activate()
      })
      return await answered('join', () =>
        client.subscribe('/topic/lobby', ({body}) => void heard.push(body), {id: '0', receipt: 'join'}),
      )
    },
    say: (body) =>
      answered('1', () => client.publish({destination: '/topic/lobby', body, headers, skipContentLengthHeader: true})),
    close: () => client.forceDisconnect(),
  }
}

speaksLikeOfficialClient('stomp', {serve, official, meaning: (frame) => [parseFrame(frame)], acks: true})
provesProtocol('stomp', serve, {acks: true, refusesJoins: true, closesOnRefusal: true})
