// A WebSocket server that only reads: it counts the messages it is sent, answers joins, and says nothing else. Forked.
import {WebSocketServer} from 'ws'

let [messages, bytes] = [0, 0]

const server = new WebSocketServer({host: '127.0.0.1', port: 0}, () => process.send({port: server.address().port}))
server.on('connection', (socket) => {
  // Frames are not looked into: what is measured is the other side. A count of bytes tells that all came.
  socket._socket.removeAllListeners('data')
  socket._socket.on('data', (chunk) => (bytes += chunk.length))
  messages++
})
process.on('message', () => process.send({connections: messages, bytes}))
// The bench is gone.
process.on('disconnect', () => process.exit())
