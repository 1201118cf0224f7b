/** NestJS against the real framework: a gateway behind its ws adapter, its decorators applied by hand. */
import 'reflect-metadata'
import type {AddressInfo} from 'node:net'
import type {Server} from 'node:http'
import {Module} from '@nestjs/common'
import {NestFactory} from '@nestjs/core'
import {ExpressAdapter} from '@nestjs/platform-express'
import {WsAdapter} from '@nestjs/platform-ws'
import {ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway, WsException} from '@nestjs/websockets'
import type {WebSocket} from 'ws'
import {provesProtocol} from './flooding.js'
import {Rooms} from './rooms.js'
import type {Script} from './script.js'

interface Said {
  readonly id: number
  readonly room: string
  readonly text: string
}

function gatewayFor(script: Script) {
  const rooms = new Rooms<WebSocket>()
  class ChatGateway {
    join({room}: {room: string}, client: WebSocket) {
      if (!script.admits()) throw new WsException('the room is full')
      rooms.enter(room, client)
      return {event: 'joined', data: {room}}
    }
    message({id, room, text}: Said) {
      const copies = script.copies()
      if (copies === undefined) throw new WsException('no')
      rooms.tell(room, copies, (member) => member.send(JSON.stringify({event: 'message', data: {room, text}})))
      return {event: 'ack', data: {id}}
    }
    handleDisconnect(client: WebSocket) {
      rooms.leave(client)
    }
  }
  for (const event of ['join', 'message'] as const) {
    SubscribeMessage(event)(
      ChatGateway.prototype,
      event,
      Object.getOwnPropertyDescriptor(ChatGateway.prototype, event) ?? {},
    )
    MessageBody()(ChatGateway.prototype, event, 0)
  }
  ConnectedSocket()(ChatGateway.prototype, 'join', 1)
  WebSocketGateway()(ChatGateway)
  return ChatGateway
}

provesProtocol(
  'nestjs-ws',
  async (script) => {
    class Chat {
      readonly name = 'a module of nothing but its gateway'
    }
    Module({providers: [gatewayFor(script)]})(Chat)
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the options are a class in the types alone
    const app = await NestFactory.create(Chat, new ExpressAdapter(), {logger: false})
    app.useWebSocketAdapter(new WsAdapter(app))
    await app.listen(0, '127.0.0.1')
    const {port} = (app.getHttpServer() as Server).address() as AddressInfo
    return {urls: [`ws://127.0.0.1:${port}`], [Symbol.asyncDispose]: () => app.close()}
  },
  {acks: true, refusesJoins: true},
)
