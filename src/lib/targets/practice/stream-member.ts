/** A member that only listens: an event stream (server-sent events) of one room. */
import type {ServerResponse} from 'node:http'
import type {Ms} from '../../base/units.js'
import {payloadOf} from './frames.js'
import type {Member, Outlet, Room} from './members.js'

/** No cache may keep it, and no proxy may gather it. */
const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
}
const [DATA, END] = [Buffer.from('data: '), Buffer.from('\n\n')]

export class StreamMember implements Member {
  rooms: Room[] = []
  toldAt: Ms = -Infinity
  readonly socket: Outlet

  constructor(
    readonly user: string,
    private readonly response: ServerResponse,
    public heardAt: Ms,
  ) {
    this.socket = {
      get writableLength() {
        return response.writableLength
      },
      get writableCorked() {
        return response.writableCorked
      },
      cork: () => response.cork(),
      uncork: () => response.uncork(),
      write: (frame) => this.#write(payloadOf(frame)),
    }
  }

  isOpen(): boolean {
    return !this.response.writableEnded && !this.response.destroyed
  }

  close(): void {
    this.response.end()
  }

  terminate(): void {
    this.response.destroy()
  }

  /** The first thing it is told answers its request: it has joined, or is turned down. */
  #write(payload: Buffer): void {
    if (this.response.headersSent) this.response.write(Buffer.concat([DATA, payload, END]))
    else if (payload.includes('"type":"joined"')) this.response.writeHead(200, HEADERS).flushHeaders()
    else this.response.writeHead(503, {'content-type': 'application/json'}).end(payload)
  }
}
