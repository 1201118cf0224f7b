/** A way to a server that breaks on our side alone: the server's side stays open, as after a router's crash. */
import {once} from 'node:events'
import {connect, createServer, type AddressInfo, type Socket} from 'node:net'

export interface BreakableLink extends AsyncDisposable {
  readonly port: number
  /** Ends what is connected on our side now; what connects later works. */
  cut(): void
}

export async function startBreakableLink(upstream: number): Promise<BreakableLink> {
  const clients = new Set<Socket>()
  const links = new Set<Socket>()
  const server = createServer((client) => {
    const link = connect(upstream, '127.0.0.1')
    clients.add(client)
    links.add(link)
    client.on('error', () => undefined)
    link.on('error', () => client.destroy())
    link.on('close', () => client.destroy())
    client.on('data', (bytes) => link.write(bytes))
    link.on('data', (bytes) => client.write(bytes))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      for (const client of clients) client.destroy()
      clients.clear()
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of [...clients, ...links]) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
