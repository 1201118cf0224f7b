// What is behind the proxy in its bench: counts what comes, or sends it back when the first byte is an `e`.
import {createServer} from 'node:net'

let bytes = 0
let open = 0
let sizes = []

process.on('disconnect', () => process.exit())
process.on('message', () => {
  process.send({bytes, open, sizes, at: performance.now()})
  sizes = []
})

const server = createServer({noDelay: true}, (socket) => {
  open++
  let echo
  socket.on('error', () => undefined)
  socket.on('close', () => open--)
  socket.on('data', (chunk) => {
    echo ??= chunk[0] === 0x65
    bytes += chunk.length
    if (sizes.length < 1000) sizes.push(chunk.length)
    if (echo) socket.write(chunk)
  })
})
server.listen({port: 0, host: '127.0.0.1', backlog: 65_535}, () => process.send({port: server.address().port}))
