import {createServer, type AddressInfo, type Socket} from 'node:net'
import {afterEach, beforeEach, describe, expect, it, test, vi} from 'vitest'
import {writeStamp} from '../../../src/lib/protocols/stamp.js'
import {closingOf, dial, hasEnded, hasEntered, RUN, type Told} from './listening-line.js'
import {frame, headOf, rawServer, textFrame} from './raw-server.js'

const stamp = writeStamp(RUN, 1, 2, 3)
const joined = textFrame('joined')
const opened: AsyncDisposable[] = []
const uncaught = vi.fn()

beforeEach(() => {
  process.on('uncaughtExceptionMonitor', uncaught)
})

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]()
  process.off('uncaughtExceptionMonitor', uncaught)
  expect(uncaught).not.toHaveBeenCalled()
})

/** What a user is told of a server that speaks so, once `what` holds. */
async function told(speak: (socket: Socket) => void, what: (told: Told) => boolean): Promise<Told> {
  const server = await rawServer(speak)
  opened.push(server)
  const user = dial(server.url)
  opened.push(closingOf(user))
  return user.until(what)
}

/** A close frame with its code. */
function closing(code: number): Buffer {
  const payload = Buffer.alloc(2)
  payload.writeUInt16BE(code)
  return frame(0x88, payload)
}

describe('a frame that breaks the protocol is counted, and ends the connection at once:', () => {
  const masked = Buffer.concat([Buffer.from([0x81, 0x82, 1, 2, 3, 4]), Buffer.from('hi')])
  test.each<[string, Buffer, string]>([
    ['an opcode that does not exist', frame(0x83, Buffer.from('hi')), 'WS_ERR_INVALID_OPCODE'],
    ['a control opcode that does not exist', frame(0x8f, Buffer.alloc(0)), 'WS_ERR_INVALID_OPCODE'],
    ['a masked frame', masked, 'WS_ERR_UNEXPECTED_MASK'],
    ['the first reserved bit', frame(0xc1, Buffer.from('hi')), 'WS_ERR_UNEXPECTED_RSV_1'],
    ['the other reserved bits', frame(0xb1, Buffer.from('hi')), 'WS_ERR_UNEXPECTED_RSV_2_3'],
    ['text that is no UTF-8', frame(0x81, Buffer.from([0xc3, 0x28])), 'WS_ERR_INVALID_UTF8'],
    ['text that stops within a character', frame(0x81, Buffer.from([0xe2, 0x82])), 'WS_ERR_INVALID_UTF8'],
    ['a frame of 64 MiB', headOf(64 * 1024 * 1024), 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
    ['a frame one byte too large', headOf(1024 * 1024 + 1), 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
    ['a frame larger than numbers', headOf(2 ** 53), 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH'],
    ['a continuation of nothing', frame(0x80, Buffer.from('hi')), 'WS_ERR_INVALID_OPCODE'],
    [
      'a new text within a fragmented one',
      Buffer.concat([frame(0x01, Buffer.from('a')), textFrame('b')]),
      'WS_ERR_INVALID_OPCODE',
    ],
    ['a fragmented ping', frame(0x09, Buffer.from('hi')), 'WS_ERR_EXPECTED_FIN'],
    ['a ping that is too long', Buffer.from([0x89, 126, 0, 200]), 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH'],
    ['a close of half a code', frame(0x88, Buffer.from([3])), 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH'],
    ['a close with a code that must not be sent', closing(1006), 'WS_ERR_INVALID_CLOSE_CODE'],
  ])('%s', async (_what, bytes, reason) => {
    const {protocolErrors, endings, entered} = await told(
      (socket) => socket.write(Buffer.concat([joined, bytes])),
      hasEnded,
    )
    expect(entered).toBe(1)
    expect(protocolErrors).toEqual([reason])
    expect(endings).toMatchObject([{stage: 'in', reason, refused: false}])
  })

  it('also before the user is in', async () => {
    const {protocolErrors, endings} = await told((socket) => socket.write(frame(0x83, Buffer.from('hi'))), hasEnded)
    expect(protocolErrors).toEqual(['WS_ERR_INVALID_OPCODE'])
    expect(endings).toMatchObject([{stage: 'entering', reason: 'WS_ERR_INVALID_OPCODE'}])
  })

  it('and what came before it in the same packet still counts', async () => {
    const bytes = Buffer.concat([joined, textFrame(stamp), frame(0x83, Buffer.from('hi')), textFrame(stamp)])
    const {stamps} = await told((socket) => socket.write(bytes), hasEnded)
    expect(stamps).toEqual([[1, 2, 3]])
  })
})

describe('half a frame and then the end is counted:', () => {
  const whole = textFrame(stamp)
  test.each<[string, Buffer]>([
    ['half a head', whole.subarray(0, 1)],
    ['a head and nothing else', whole.subarray(0, 2)],
    ['most of a frame', whole.subarray(0, -1)],
    ['half a long head', headOf(1000).subarray(0, 5)],
    ['a long head and nothing else', headOf(1000)],
    ['one fragment of a message', frame(0x01, Buffer.from(stamp.slice(0, 10)))],
  ])('%s', async (_what, bytes) => {
    const {protocolErrors, endings, stamps} = await told(
      (socket) => socket.end(Buffer.concat([joined, bytes])),
      hasEnded,
    )
    expect(protocolErrors).toEqual(['half-frame'])
    expect(endings).toMatchObject([{stage: 'in', code: 1006, reason: 'code-1006'}])
    expect(stamps).toEqual([])
  })

  test.each<[string, Buffer]>([
    ['not when the last frame was whole', textFrame(stamp)],
    ['not when it was closed properly', closing(1001)],
    [
      'not when a fragmented message was whole',
      Buffer.concat([frame(0x01, Buffer.from('a')), frame(0x80, Buffer.from('b'))]),
    ],
    ['not when nothing came at all', Buffer.alloc(0)],
  ])('%s', async (_what, bytes) => {
    const {protocolErrors} = await told((socket) => socket.end(Buffer.concat([joined, bytes])), hasEnded)
    expect(protocolErrors).toEqual([])
  })

  it('not when we ended it ourselves in the midst of a frame', async () => {
    const server = await rawServer((socket) => socket.write(Buffer.concat([joined, whole.subarray(0, 9)])))
    opened.push(server)
    const user = dial(server.url)
    await user.until(hasEntered)
    user.connection.terminate()
    const {protocolErrors, endings} = await user.until(hasEnded)
    expect(protocolErrors).toEqual([])
    expect(endings).toMatchObject([{code: 1006}])
  })
})

describe('a frame that says nothing in any way the protocol knows', () => {
  const noise = Buffer.from([0, 0xff, 0xfe, 0x80, 7])

  it('is counted when it is binary, and the user stays', async () => {
    const bytes = Buffer.concat([joined, frame(0x82, noise), frame(0x82, Buffer.alloc(0)), textFrame(stamp)])
    const {protocolErrors, endings} = await told(
      (socket) => socket.write(bytes),
      ({stamps}) => stamps.length > 0,
    )
    expect(protocolErrors).toEqual(['binary-frame', 'binary-frame'])
    expect(endings).toEqual([])
  })

  it('is not counted when it is binary and yet an ack, an answer or a refusal', async () => {
    const known = ['ack 1', 'are you there', 'refused', 'error'].map((text) => frame(0x82, Buffer.from(text)))
    const bytes = Buffer.concat([frame(0x82, Buffer.from('joined')), ...known, textFrame(stamp)])
    const {protocolErrors, acks, refusals} = await told(
      (socket) => socket.write(bytes),
      ({stamps}) => stamps.length > 0,
    )
    expect(protocolErrors).toEqual(['error-frame'])
    expect([acks, refusals]).toEqual([[1], [undefined]])
  })
})

describe('a broken stamp', () => {
  test.each([
    ['cut short', stamp.slice(0, -3)],
    ['garbled', `${stamp.slice(0, 14)}*${stamp.slice(15)}`],
  ])('that is %s is counted, and the user stays', async (_what, broken) => {
    const bytes = Buffer.concat([joined, textFrame(`{"text":"${broken}"}`), textFrame(stamp)])
    const {protocolErrors, endings} = await told(
      (socket) => socket.write(bytes),
      ({stamps}) => stamps.length > 0,
    )
    expect(protocolErrors).toEqual(['broken-stamp'])
    expect(endings).toEqual([])
  })
})

describe('a slow line', () => {
  it('that brings one byte at a time brings everything', async () => {
    const bytes = Buffer.concat([joined, textFrame(`{"text":"${stamp}"}`), closing(1001)])
    const {stamps, protocolErrors, endings} = await told((socket) => {
      socket.setNoDelay(true)
      void writeEachByte(socket, bytes).then(() => socket.end())
    }, hasEnded)
    expect(stamps).toEqual([[1, 2, 3]])
    expect(protocolErrors).toEqual([])
    expect(endings).toMatchObject([{stage: 'in', reason: 'code-1001'}])
  })

  it('that brings a message in many fragments brings it whole', async () => {
    const letters = Array.from(stamp, (letter) => frame(0x00, Buffer.from(letter)))
    const bytes = Buffer.concat([joined, frame(0x01, Buffer.alloc(0)), ...letters, frame(0x80, Buffer.alloc(0))])
    const {stamps} = await told(
      (socket) => socket.write(bytes),
      (all) => all.stamps.length > 0,
    )
    expect(stamps).toEqual([[1, 2, 3]])
  })
})

describe('a server that is none', () => {
  test.each([
    ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['speaks HTTP, yet no WebSocket', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'],
    ['hangs up', ''],
    [
      'gives a wrong answer to the handshake',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n',
    ],
  ])('and %s never lets a user in, and says why', async (_what, answer) => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('data', () => socket.end(answer))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    opened.push({
      async [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy()
        await new Promise((resolve) => server.close(resolve))
      },
    })
    const user = dial(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const {endings, entered} = await user.until(hasEnded)
    expect(entered).toBe(0)
    expect(endings).toMatchObject([{stage: 'connecting', refused: false}])
    expect(endings[0]?.reason).not.toBe('')
  })
})

/** Each in a packet of its own. */
async function writeEachByte(socket: Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    await new Promise<void>((resolve) => {
      socket.write(Buffer.from([byte]), () => setImmediate(resolve))
    })
  }
}
