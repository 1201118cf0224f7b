/** Clients that never give up: each connects, asks, and when it is cut off connects again at once; what got through is counted. */
import {connect, type Socket} from 'node:net'

export interface Crowd {
  /** Operations that were answered. */
  readonly done: number
  /** How often they connected. */
  readonly connects: number
  stop(): void
}

const ASK = Buffer.from('*2\r\n$4\r\nINCR\r\n$5\r\ncrowd\r\n')

/** `size` clients on `port` of this machine; each has one INCR under way at any time, the first in its first packet. */
export function startCrowd(port: number, size: number): Crowd {
  let [done, connects, stopped] = [0, 0, false]
  const sockets = new Set<Socket>()
  const come = () => {
    if (stopped) return
    connects += 1
    const socket = connect({port, host: '127.0.0.1', noDelay: true}, () => socket.write(ASK))
    sockets.add(socket)
    socket.on('data', (bytes) => {
      // `:42\r\n`; an error begins with `-`.
      if (bytes[0] === 0x3a) done += 1
      socket.write(ASK)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      setImmediate(come)
    })
  }
  for (let client = 0; client < size; client++) come()
  return {
    get done() {
      return done
    },
    get connects() {
      return connects
    },
    stop: () => {
      stopped = true
      for (const socket of sockets) socket.destroy()
    },
  }
}
