/** A user of the practice target in a test: sends frames, and keeps every frame that came, in order. */
import {once} from 'node:events'
import {WebSocket} from 'ws'

export interface Frame {
  readonly type: string
  readonly room?: string
  readonly from?: string
  readonly id?: number
  readonly message?: number
  readonly body?: string
  readonly reason?: string
  readonly members?: number
}

export class TestUser {
  readonly frames: Frame[] = []
  readonly texts: string[] = []
  /** Resolves with the close code. */
  readonly closed: Promise<number>
  #wake: () => void = () => undefined
  #read = 0

  private constructor(readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => {
      socket.once('close', resolve)
    })
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      this.texts.push(data.toString())
      this.frames.push(JSON.parse(data.toString()) as Frame)
      this.#wake()
    })
  }

  /** Rejects when the handshake is refused. */
  static async connect(url: string, name: string): Promise<TestUser> {
    const socket = new WebSocket(`${url}/ws?user=${name}`, {perMessageDeflate: false})
    const user = new TestUser(socket)
    await once(socket, 'open')
    return user
  }

  send(frame: object | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  publish(room: string, id: number, body = `body ${id}`): void {
    this.send({type: 'publish', room, id, body})
  }

  async join(room: string): Promise<Frame> {
    this.send({type: 'join', room})
    return this.next((frame) => frame.type === 'joined' && frame.room === room)
  }

  /** The next frame that fits, read on from the last one found. */
  async next(fits: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      while (this.#read < this.frames.length) {
        const frame = this.frames[this.#read++]
        if (frame !== undefined && fits(frame)) return frame
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  nextOf(type: string): Promise<Frame> {
    return this.next((frame) => frame.type === type)
  }

  /** Bodies of the room messages that came, in order. */
  bodies(room: string): string[] {
    return this.frames
      .filter((frame) => frame.type === 'message' && frame.room === room)
      .map((frame) => frame.body ?? '')
  }

  close(): void {
    this.socket.terminate()
  }
}
