/** Holds a protocol file against the official client: both must say the same to one server, and take its answers the same way. */
import {afterEach, describe, expect, it, vi} from 'vitest'
import {writeStamp} from '../../../src/lib/protocols/stamp.js'
import {compileDialect} from '../../../src/lib/protocols/websocket/dialect.js'
import {protocolFile, readProtocol} from '../../../src/lib/targets/profile/protocols.js'
import {closingOf, dial, hasEnded, hasEntered, RUN, type TestUser} from '../websocket/listening-line.js'
import {CLOSED, type Faults, GOOD, Script} from './script.js'
import type {Heard, SocketServer} from './socket-server.js'

/** The official client in the room `lobby` with the token `t` as `user-7`. */
export interface Official {
  /** Resolves to whether it was let in. */
  join(): Promise<boolean>
  /** Resolves to whether the message was accepted; without acks once it was sent. */
  say(text: string): Promise<boolean>
  /** Texts that came. */
  readonly heard: readonly string[]
  close(): void
}

export interface Comparison {
  readonly serve: (script: Script) => Promise<SocketServer>
  readonly official: (url: string) => Official
  /** What a frame says, without what may differ: order of keys, ids that the client is free to choose. */
  readonly meaning: (frame: string) => readonly unknown[]
  readonly acks: boolean
}

/** Each waits for its answers, so that the order is given, save that a pong may overtake. */
const byText = (a: unknown, b: unknown): number => JSON.stringify(a).localeCompare(JSON.stringify(b))

const stamp = writeStamp(RUN, 7, 0, 5)
const who = {user: 'user-7', n: 7, room: 'lobby', token: 't', run: RUN}
const PATIENCE = {timeout: 10_000, interval: 5}

export function speaksLikeOfficialClient(name: string, {serve, official, meaning, acks}: Comparison): void {
  const opened: (AsyncDisposable | Official)[] = []
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) {
      if ('close' in each) each.close()
      else await each[Symbol.asyncDispose]()
    }
  })

  async function served(faults: Faults): Promise<SocketServer> {
    const server = await serve(new Script(faults))
    opened.push(server)
    return server
  }
  function theirs(server: SocketServer): Official {
    const client = official(server.urls[0] ?? '')
    opened.push(client)
    return client
  }
  async function ours(server: SocketServer): Promise<TestUser> {
    const protocol = await readProtocol(await protocolFile(name, '.'))
    const user = dial(compileDialect(protocol).url(server.urls[0] ?? '', who), protocol)
    opened.push(closingOf(user))
    return user
  }
  const spoken = ({url, subprotocols, frames}: Heard) => {
    const {pathname, searchParams} = new URL(url, 'ws://host')
    return {pathname, query: Object.fromEntries(searchParams), subprotocols, said: frames.flatMap(meaning).sort(byText)}
  }

  describe(`${name} beside the official client`, () => {
    it('joins and publishes with the same frames, and both hear the answers', async () => {
      const server = await served(GOOD)
      const client = theirs(server)
      expect(await client.join()).toBe(true)
      expect(await client.say(stamp)).toBe(true)
      await vi.waitUntil(() => client.heard.length > 0, PATIENCE)
      expect(client.heard).toEqual([stamp])
      const [said] = server.heard.map(spoken)

      const user = await ours(server)
      await user.until(hasEntered)
      const id = user.connection.publish(stamp, 0)
      const told = await user.until(({stamps, acks: heard}) => stamps.length > 0 && (!acks || heard.length > 0))
      expect([told.stamps, told.acks, told.protocolErrors]).toEqual([[[7, 0, 5]], acks ? [id] : [], []])
      expect(server.heard.map(spoken)[1]).toEqual(said)
    })

    it('is refused at the door by what refuses the official client', async () => {
      const server = await served(CLOSED)
      expect(await theirs(server).join()).toBe(false)
      const user = await ours(server)
      expect((await user.until(hasEnded)).endings).toMatchObject([{reason: 'join-refused', refused: true}])
    })

    it.runIf(acks)('is told of a refused message by what tells the official client', async () => {
      const server = await served({...GOOD, treatment: () => 'refuse'})
      const client = theirs(server)
      await client.join()
      expect(await client.say(stamp)).toBe(false)
      const user = await ours(server)
      await user.until(hasEntered)
      const id = user.connection.publish(stamp, 0)
      const told = await user.until(({refusals}) => refusals.length > 0)
      expect([told.refusals, told.acks, told.stamps]).toEqual([[id], [], []])
    })
  })
}
