/** Speaks as little Redis as clients need to connect, and cuts some of them off at their first word. */
import {once} from 'node:events'
import {createServer, type AddressInfo, type Socket} from 'node:net'

const INFO = 'connected_clients:1\r\n'

/** `cuts`: numbers of the connections, from 1, that it cuts off instead of answering. */
export async function startRoughServer(cuts: readonly number[]) {
  /** What was said on each connection, a line a command. */
  const heard: string[][] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const said: string[] = []
    const number = heard.push(said)
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      for (const words of commandsIn(String(bytes))) {
        said.push(words)
        if (cuts.includes(number)) socket.destroy()
        else socket.write(words === 'info' ? `$${INFO.length}\r\n${INFO}\r\n` : '+OK\r\n')
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cutAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    cutAll,
    async [Symbol.asyncDispose]() {
      cutAll()
      server.close()
      await once(server, 'close')
    },
  }
}

/** `*1 $4 info` is `info`; each comes in one piece, as short as they are. */
function commandsIn(text: string): readonly string[] {
  return text
    .split(/\*\d+\r\n/)
    .slice(1)
    .map((command) =>
      command
        .replaceAll(/\$\d+\r\n/g, '')
        .trim()
        .replaceAll('\r\n', ' ')
        .toLowerCase(),
    )
}
