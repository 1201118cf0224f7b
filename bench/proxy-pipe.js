// The yardstick for the proxy: the least that Node needs to join two sockets, `pipe()` both ways, in a process of its own.
import {connect, createServer} from 'node:net'

process.on('disconnect', () => process.exit())
process.once('message', ({port}) => {
  const server = createServer({allowHalfOpen: true, noDelay: true}, (client) => {
    const upstream = connect({port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true})
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
    client.pipe(upstream)
    upstream.pipe(client)
  })
  server.listen({port: 0, host: '127.0.0.1', backlog: 65_535}, () => process.send({port: server.address().port}))
})
