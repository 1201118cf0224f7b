/** Action Cable, held against the official client and flooded on a server that answers as that client expects. */
import {createRequire} from 'node:module'
import {afterAll, vi} from 'vitest'
import {WebSocket} from 'ws'
import {provesProtocol} from './flooding.js'
import {type Official, speaksLikeOfficialClient} from './official.js'
import type {Script} from './script.js'
import {servesSockets} from './socket-server.js'

// The client is made for browsers: it looks whether its page is shown.
vi.stubGlobal('document', {visibilityState: 'visible'})
vi.stubGlobal('addEventListener', () => undefined)
vi.stubGlobal('removeEventListener', () => undefined)
afterAll(() => {
  vi.unstubAllGlobals()
})

const cable = createRequire(import.meta.url)('@rails/actioncable') as typeof import('@rails/actioncable')
cable.adapters.WebSocket = WebSocket as unknown as typeof globalThis.WebSocket

interface Command {
  readonly command: 'subscribe' | 'message' | 'unsubscribe'
  readonly identifier: string
  readonly data?: string
}

const serve = (script: Script) =>
  servesSockets(({socket, rooms}) => {
    const say = (said: object): void => socket.send(JSON.stringify(said))
    say({type: 'welcome'})
    return (text) => {
      const {command, identifier, data = '{}'} = JSON.parse(text) as Command
      if (command === 'subscribe') {
        if (!script.admits()) return say({identifier, type: 'reject_subscription'})
        rooms.enter(identifier, socket)
        say({identifier, type: 'confirm_subscription'})
        return say({type: 'ping', message: 1_700_000_000})
      }
      if (command !== 'message') return
      const {body} = JSON.parse(data) as {body: string}
      const message = JSON.stringify({identifier, message: {body}})
      rooms.tell(identifier, script.copies() ?? 0, (member) => member.send(message))
    }
  }, 'actioncable-v1-json')

function official(url: string): Official {
  const heard: string[] = []
  const consumer = cable.createConsumer(`${url}/cable?token=t`)
  let say: (data: object) => void = () => undefined
  return {
    heard,
    join: () =>
      new Promise((resolve) => {
        const subscription = consumer.subscriptions.create(
          {channel: 'ChatChannel', room: 'lobby'},
          {
            connected: () => resolve(true),
            rejected: () => resolve(false),
            received: ({body}: {body: string}) => void heard.push(body),
          },
        )
        say = (data) => subscription.perform('speak', data)
      }),
    say(body) {
      say({body})
      return Promise.resolve(true)
    },
    close: () => consumer.disconnect(),
  }
}

/** Down to the texts inside the texts. */
function meaning(frame: string): unknown[] {
  const inner = (key: string, value: unknown): unknown =>
    key === 'identifier' || key === 'data' ? JSON.parse(value as string) : value
  return [JSON.parse(frame, inner)]
}

speaksLikeOfficialClient('actioncable', {serve, official, meaning, acks: false})
provesProtocol('actioncable', serve, {acks: false, refusesJoins: true})
