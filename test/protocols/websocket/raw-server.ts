/** A server that shakes hands and then writes whatever bytes a test wants, right or wrong. */
import {createHash} from 'node:crypto'
import {createServer, type AddressInfo, type Socket} from 'node:net'

/** RFC 6455, section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export interface RawServer extends AsyncDisposable {
  readonly url: string
}

/** `speak` is called once the handshake is done. It never closes its side by itself, whatever the client does. */
export async function rawServer(speak: (socket: Socket) => void): Promise<RawServer> {
  const sockets = new Set<Socket>()
  const server = createServer({allowHalfOpen: true}, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    let head = ''
    const onData = (chunk: Buffer): void => {
      head += chunk.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      socket.off('data', onData)
      socket.resume()
      socket.write(handshake(/sec-websocket-key: *(\S+)/i.exec(head)?.[1] ?? ''))
      speak(socket)
    }
    socket.on('data', onData)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function handshake(key: string): string {
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64')
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\n\r\n`
  )
}

/** One unmasked text frame. */
export function textFrame(text: string): Buffer {
  return frame(0x81, Buffer.from(text))
}

/** One unmasked frame; `first` holds FIN, the reserved bits and the opcode. */
export function frame(first: number, payload: Buffer): Buffer {
  if (payload.length > 125) throw new RangeError('this writes short frames only')
  return Buffer.concat([Buffer.from([first, payload.length]), payload])
}

/** The head of a text frame that announces a length of 64 bits. */
export function headOf(length: number): Buffer {
  const head = Buffer.alloc(10)
  head.writeUInt8(0x81, 0)
  head.writeUInt8(127, 1)
  head.writeBigUInt64BE(BigInt(length), 2)
  return head
}
