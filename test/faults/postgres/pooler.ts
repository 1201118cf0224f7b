/** Stands in for a connection pooler: passes everything on, but greets with a process number of its own. */
import {once} from 'node:events'
import {connect, createServer, type AddressInfo} from 'node:net'

/** BackendKeyData: its letter, and its length; the process number follows. */
const GREETING = Buffer.from([0x4b, 0, 0, 0, 12])

export interface Pooler extends AsyncDisposable {
  readonly port: number
}

export async function startPooler(upstream: number): Promise<Pooler> {
  const server = createServer((client) => {
    const link = connect(upstream, '127.0.0.1')
    client.on('error', () => link.destroy())
    client.on('close', () => link.destroy())
    link.on('error', () => client.destroy())
    link.on('close', () => client.destroy())
    client.pipe(link)
    link.on('data', (bytes) => {
      const at = bytes.indexOf(GREETING)
      if (at >= 0) bytes.writeInt32BE(4711, at + GREETING.length)
      client.write(bytes)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}
