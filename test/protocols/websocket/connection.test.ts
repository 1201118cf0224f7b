import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterEach, describe, expect, it, test, vi} from 'vitest'
import {WebSocketServer, type WebSocket} from 'ws'
import {writeStamp} from '../../../src/lib/protocols/stamp.js'
import type {Protocol} from '../../../src/lib/protocols/websocket/protocol.js'
import {closingOf, dial, hasEnded, hasEntered, PROTOCOL, RUN, type TestUser} from './listening-line.js'

const stamp = writeStamp(RUN, 1, 2, 3)
const opened: AsyncDisposable[] = []

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

interface Server {
  readonly url: string
  /** Text that clients sent, pings as `(ping)`, ends as `(close 1000)`. */
  readonly heard: string[]
}

/** A real server: `answer` gets each text and the socket that it came from; `greet` each new socket. */
async function served(answer: (text: string, socket: WebSocket) => void, greet?: (socket: WebSocket) => void) {
  const server = new WebSocketServer({port: 0, host: '127.0.0.1'})
  const heard: string[] = []
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('ping', () => heard.push('(ping)'))
    socket.on('close', (code) => heard.push(`(close ${code})`))
    socket.on('message', (data: Buffer) => {
      heard.push(data.toString())
      answer(data.toString(), socket)
    })
    greet?.(socket)
  })
  await new Promise((resolve) => server.once('listening', resolve))
  opened.push({
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  return {url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, heard} satisfies Server
}

/** Confirms each join; `then` answers everything else. */
async function chat(then: (text: string, socket: WebSocket) => void = () => undefined): Promise<Server> {
  return served((text, socket) => {
    if (text.startsWith('join')) socket.send('joined')
    else then(text, socket)
  })
}

function dialled(...call: Parameters<typeof dial>): TestUser {
  const user = dial(...call)
  opened.push(closingOf(user))
  return user
}

function without(...names: (keyof Protocol)[]): Protocol {
  return Object.fromEntries(
    Object.entries(PROTOCOL).filter(([name]) => !names.includes(name as keyof Protocol)),
  ) as Protocol
}

async function inRoom(...call: Parameters<typeof dial>): Promise<TestUser> {
  const user = dialled(...call)
  await user.until(hasEntered)
  return user
}

describe('a user enters', () => {
  it('when its join is confirmed, and not before', async () => {
    const sockets: WebSocket[] = []
    const {url, heard} = await served((_text, socket) => sockets.push(socket))
    const user = dialled(url)
    await vi.waitUntil(() => sockets.length > 0)
    expect(heard).toEqual(['join lobby as user-7'])
    expect([user.connection.stage, user.told.entered]).toEqual(['entering', 0])
    sockets[0]?.send('someone else came')
    sockets[0]?.send('joined lobby')
    await user.until(hasEntered)
    expect(user.connection.stage).toBe('in')
  })

  it('as soon as it has said everything, where nothing is confirmed', async () => {
    const {url, heard} = await served(() => undefined)
    const user = await inRoom(url, {...PROTOCOL, open: [{send: 'hello {{token}}'}], join: {send: 'join'}})
    expect(user.connection.stage).toBe('in')
    await vi.waitUntil(() => heard.length === 2)
    expect(heard).toEqual(['hello t', 'join'])
  })

  it('as soon as its socket is open, where there is nothing to say', async () => {
    const {url} = await served(() => undefined)
    expect((await inRoom(url, without('join'))).connection.stage).toBe('in')
  })

  it('when the server confirms by itself', async () => {
    const {url, heard} = await served(
      () => undefined,
      (socket) => socket.send('joined'),
    )
    await inRoom(url, {...PROTOCOL, join: {until: {equals: 'joined'}}})
    expect(heard).toEqual([])
  })

  it('one opening frame after the other, each after the answer to the one before', async () => {
    const {url, heard} = await served((text, socket) => {
      if (text === 'version 1') socket.send('version ok')
      else if (text.startsWith('login')) socket.send('welcome')
      else if (text.startsWith('join')) socket.send('joined')
    })
    const until = {startsWith: 'version'}
    const open = [{send: 'version 1', until}, {send: 'quiet'}, {send: 'login {{token}}', until: {equals: 'welcome'}}]
    await inRoom(url, {...PROTOCOL, open})
    expect(heard).toEqual(['version 1', 'quiet', 'login t', 'join lobby as user-7'])
  })

  it('after what the server says first, where it opens the conversation', async () => {
    const {url, heard} = await served(
      (_text, socket) => socket.send('joined'),
      (socket) => socket.send('welcome'),
    )
    await inRoom(url, {...PROTOCOL, open: [{until: {equals: 'welcome'}}]})
    expect(heard).toEqual(['join lobby as user-7'])
  })

  it('by an answer that carries what was said before, which it hears too', async () => {
    const {url} = await served((_text, socket) => socket.send(`joined ["${stamp}"]`))
    const {told} = await inRoom(url)
    expect(told.stamps).toEqual([[1, 2, 3]])
  })

  it('by an answer that looks like an ack', async () => {
    const {url} = await served((_text, socket) => socket.send('ack 1'))
    const {told} = await inRoom(url, {...PROTOCOL, join: {send: 'join', until: {startsWith: 'ack'}}})
    expect(told.acks).toEqual([])
  })

  it('once, even when it is confirmed twice', async () => {
    const {url} = await served((_text, socket) => {
      for (const text of ['joined', 'joined', stamp]) socket.send(text)
    })
    const {told} = await inRoom(url)
    await vi.waitUntil(() => told.stamps.length > 0)
    expect(told.entered).toBe(1)
  })
})

describe('a user in its room', () => {
  it('sends messages with ids of its own and hears their acks by id, in whatever order', async () => {
    const waiting: string[] = []
    const {url, heard} = await chat((text, socket) => {
      waiting.push(text.split(' ')[1] ?? '')
      if (waiting.length === 3) for (const id of waiting.reverse()) socket.send(`ack ${id}`)
    })
    const {connection, until} = await inRoom(url)
    const ids = [0, 1, 2].map((sequence) => connection.publish(`body-${sequence}`, sequence))
    const {acks} = await until((told) => told.acks.length === 3)
    expect(ids).toEqual([1, 2, 3])
    expect(acks).toEqual([3, 2, 1])
    expect(heard.slice(1)).toEqual(['say 1 body-0', 'say 2 body-1', 'say 3 body-2'])
  })

  it('hears acks without an id in their order', async () => {
    const {url} = await chat((_text, socket) => socket.send('ok'))
    const publish = {send: '{{body}}', ack: {when: {equals: 'ok'}}}
    const {connection, until} = await inRoom(url, {...PROTOCOL, publish})
    for (const sequence of [0, 1]) connection.publish('body', sequence)
    expect((await until((told) => told.acks.length === 2)).acks).toEqual([undefined, undefined])
  })

  it('takes an ack that carries the message for an ack, and for no delivery', async () => {
    const {url} = await chat((_text, socket) => socket.send(`ack 1 ${stamp}`))
    const {connection, until} = await inRoom(url)
    connection.publish(stamp, 0)
    const told = await until(({acks}) => acks.length > 0)
    expect([told.acks, told.stamps]).toEqual([[1], []])
  })

  it('takes what looks like an ack for something else, where the id is missing that every ack carries', async () => {
    const {url} = await chat((_text, socket) => {
      socket.send(`ack of nothing ${stamp}`)
      socket.send('ack 1')
    })
    const {connection, until} = await inRoom(url)
    connection.publish(stamp, 0)
    const told = await until(({acks}) => acks.length > 0)
    expect([told.acks, told.stamps]).toEqual([[1], [[1, 2, 3]]])
  })

  it('takes a refusal that looks like an ack and carries the message for neither an ack nor a delivery', async () => {
    const {url} = await chat((_text, socket) => socket.send(`ack 1 error ${stamp}`))
    const refused = [{startsWith: 'refused'}, {startsWith: 'ack', contains: 'error'}]
    const {connection, until} = await inRoom(url, {...PROTOCOL, refused})
    connection.publish(stamp, 0)
    const told = await until(({refusals}) => refusals.length > 0)
    expect([told.refusals, told.acks, told.stamps]).toEqual([[1], [], []])
  })

  it('hears each part of a frame by itself, where the protocol puts several into one', async () => {
    const {url, heard} = await served((text, socket) => {
      if (text.startsWith('join')) socket.send('joined\nare you there')
      else if (text.startsWith('say')) socket.send(`${stamp}\nack 1\nrefused 2\n`)
    })
    const {connection, until} = await inRoom(url, {...PROTOCOL, split: '\n', refused: {startsWith: 'refused'}})
    connection.publish('body', 0)
    const told = await until(({acks}) => acks.length > 0)
    expect([told.stamps, told.acks, told.refusals]).toEqual([[[1, 2, 3]], [1], [undefined]])
    expect(heard).toContain('i am here')
  })

  it('hears every stamp of a batch, and none of another run', async () => {
    const {url} = await chat((_text, socket) => {
      socket.send(JSON.stringify([stamp, writeStamp('otherrun', 9, 9, 9), writeStamp(RUN, 4, 5, 6)]))
    })
    const {connection, until} = await inRoom(url)
    connection.publish('now', 0)
    expect((await until(({stamps}) => stamps.length > 1)).stamps).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
  })

  it('hears stamps in binary frames', async () => {
    const {url} = await chat((_text, socket) =>
      socket.send(Buffer.concat([Buffer.from([0xff, 0]), Buffer.from(stamp)])),
    )
    const {connection, until} = await inRoom(url)
    connection.publish('now', 0)
    const told = await until(({stamps}) => stamps.length > 0)
    expect([told.stamps, told.protocolErrors]).toEqual([[[1, 2, 3]], []])
  })

  test.each([
    ['of the message that is named', 'refused "ack 2"', 2],
    ['of an unnamed message', 'refused', undefined],
  ])('is told of the refusal %s, and stays', async (_what, answer, id) => {
    const {url} = await chat((_text, socket) => socket.send(answer))
    const {connection, until} = await inRoom(url)
    connection.publish('body', 0)
    const {refusals, endings} = await until((told) => told.refusals.length > 0)
    expect([refusals, endings, connection.stage]).toEqual([[id], [], 'in'])
  })

  it('answers what the server asks', async () => {
    const {url, heard} = await chat((text, socket) => {
      if (text.startsWith('say')) socket.send('are you there')
    })
    const {connection} = await inRoom(url)
    connection.publish('body', 0)
    await vi.waitUntil(() => heard.includes('i am here'))
  })

  it('passes over frames that say nothing to it', async () => {
    const {url} = await chat((_text, socket) => {
      for (const text of ['', 'ben is typing', '{"type":"presence"}', `x${stamp}`]) socket.send(text)
    })
    const {connection, until} = await inRoom(url)
    connection.publish('body', 0)
    const told = await until(({stamps}) => stamps.length > 0)
    expect(told.protocolErrors).toEqual([])
  })

  it('counts an error that the server reports, and stays', async () => {
    const {url} = await chat((_text, socket) => socket.send('error: too bad'))
    const {connection, until} = await inRoom(url)
    connection.publish('body', 0)
    expect((await until(({protocolErrors}) => protocolErrors.length > 0)).protocolErrors).toEqual(['error-frame'])
    expect(connection.stage).toBe('in')
  })
})

describe('a user keeps alive', () => {
  test.each([
    ['with a frame of its own', 'still here, {{user}}', 'still here, user-7'],
    ['with a ping of the protocol', 'ping', '(ping)'],
  ])('%s', async (_what, send, arrives) => {
    const {url, heard} = await chat()
    const {connection} = await inRoom(url, {...PROTOCOL, keepAlive: {every: '1s', send}})
    connection.keepAlive()
    await vi.waitUntil(() => heard.includes(arrives))
  })

  it('not at all where the protocol has nothing for it, or the socket is not open', async () => {
    const {url, heard} = await chat()
    const quiet = await inRoom(url)
    quiet.connection.keepAlive()
    const {connection, until} = dialled(url, {...PROTOCOL, keepAlive: {every: '1s', send: 'alive'}})
    connection.keepAlive()
    await until(hasEntered)
    connection.terminate()
    connection.keepAlive()
    await until(hasEnded)
    expect(heard.filter((text) => text === 'alive')).toEqual([])
  })
})

describe('a user leaves', () => {
  it('with the frame for it and a closing handshake', async () => {
    const {url, heard} = await chat()
    const {connection, until} = await inRoom(url)
    connection.depart()
    const {endings} = await until(hasEnded)
    expect(endings).toEqual([{stage: 'in', code: 1000, reason: 'code-1000', refused: false}])
    await vi.waitUntil(() => heard.includes('(close 1000)'))
    expect(heard).toEqual(['join lobby as user-7', 'leave lobby', '(close 1000)'])
  })

  it('without the frame when it was not in the room yet', async () => {
    const {url, heard} = await served(() => undefined)
    const {connection, until} = dialled(url)
    await vi.waitUntil(() => heard.length > 0)
    connection.depart()
    const {endings} = await until(hasEnded)
    expect(endings[0]).toMatchObject({stage: 'entering', code: 1000})
    expect(heard).not.toContain('leave lobby')
  })

  it('even while it is connecting', async () => {
    const {url} = await chat()
    const {connection, until} = dialled(url)
    connection.depart()
    expect((await until(hasEnded)).endings[0]).toMatchObject({stage: 'connecting'})
  })

  it('once, whatever is asked of it afterwards', async () => {
    const {url} = await chat()
    const {connection, until} = await inRoom(url)
    connection.depart()
    connection.depart()
    connection.abandon('too late')
    connection.publish('body', 0)
    await until(hasEnded)
    connection.depart()
    connection.keepAlive()
    expect((await until(hasEnded)).endings).toHaveLength(1)
  })
})

describe('it ends', () => {
  it('as closed by the server', async () => {
    const {url} = await chat((_text, socket) => socket.close(1011, 'out of order'))
    const {connection, until} = await inRoom(url)
    connection.publish('body', 0)
    expect((await until(hasEnded)).endings).toEqual([{stage: 'in', code: 1011, reason: 'code-1011', refused: false}])
    expect(connection.stage).toBe('closed')
  })

  it('as cut off without a word', async () => {
    const {url} = await chat((_text, socket) => socket.terminate())
    const {connection, until} = await inRoom(url)
    connection.publish('body', 0)
    const {endings, protocolErrors} = await until(hasEnded)
    expect(endings).toMatchObject([{stage: 'in', code: 1006, refused: false}])
    expect(protocolErrors).toEqual([])
  })

  it('as refused at the door, and does not enter when the server changes its mind', async () => {
    const {url} = await served((_text, socket) => {
      for (const text of ['refused: full', 'joined']) socket.send(text)
    })
    const {until} = dialled(url)
    const {endings, entered} = await until(hasEnded)
    expect(endings).toEqual([{stage: 'entering', code: 1006, reason: 'join-refused', refused: true}])
    expect(entered).toBe(0)
  })

  it('as given up, for the reason that was named first', async () => {
    const {url} = await served(() => undefined)
    const {connection, until} = dialled(url)
    await vi.waitUntil(() => connection.stage === 'entering')
    connection.abandon('timeout')
    connection.abandon('later')
    expect((await until(hasEnded)).endings).toMatchObject([{stage: 'entering', reason: 'timeout', refused: true}])
  })

  it('as given up while connecting', async () => {
    const {url} = await chat()
    const {connection, until} = dialled(url)
    connection.abandon('timeout')
    expect((await until(hasEnded)).endings).toMatchObject([{stage: 'connecting', reason: 'timeout', refused: true}])
  })

  test.each([[503], [401], [302]])('as turned away by status %d', async (status) => {
    const server = createServer()
    server.on('upgrade', (_request, socket) => {
      socket.end(`HTTP/1.1 ${status} No\r\nLocation: /x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    opened.push({[Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve()))})
    const {until} = dialled(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const {endings, protocolErrors} = await until(hasEnded)
    expect(endings).toMatchObject([{stage: 'connecting', reason: `status-${status}`}])
    expect(protocolErrors).toEqual([])
  })

  it('as refused by the machine, where nobody listens', async () => {
    const {url} = await chat()
    for (const each of opened.splice(0)) await each[Symbol.asyncDispose]()
    const {until} = dialled(url)
    expect((await until(hasEnded)).endings).toMatchObject([{stage: 'connecting', reason: 'ECONNREFUSED'}])
  })
})
