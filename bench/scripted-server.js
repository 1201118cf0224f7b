// A chat of the bench's own, in one process: it releases every message when its programme says, and keeps a log of that.
// Speaks fixtures/protocols/json.yaml. Forked; its programme comes as the first argument.
import {WebSocketServer} from 'ws'
import {goFirst} from '../dist/lib/load/priority.js'
import {PROGRAMMES} from './programmes.js'

const programme = PROGRAMMES[process.argv[2]]
// Whoever measures us goes first, so that we would be the one who is late.
goFirst()
const rooms = new Map()
/** One line a message: when it was due (ms since the run's start), programmed, and really released (ms on our clock). */
const log = {due: [], programmed: [], released: []}
/** Our clock at the run's start: of all messages, the one that was on its way for the shortest time knows it best. */
let origin = Infinity
let [epoch, running] = [0, '']

const STAMP = /PLD([0-9a-z]{8})[0-9a-z]{10}([0-9a-z]{8})/

function open(socket) {
  let room
  socket.on('message', (data) => {
    const now = performance.now()
    const said = JSON.parse(data.toString())
    if (said.type === 'join') {
      room = rooms.get(said.room) ?? new Set()
      rooms.set(said.room, room.add(socket))
      socket.send(JSON.stringify({type: 'joined', room: said.room}))
    } else if (said.type === 'message') {
      socket.send(`{"type":"ack","id":${said.id}}`)
      hear(said.text, room, now)
    }
  })
  socket.on('close', () => room?.delete(socket))
}

function hear(text, room, now) {
  const [, run, digits] = STAMP.exec(text)
  const due = parseInt(digits, 36) / 1000
  if (run !== running) begin(run, now)
  origin = Math.min(origin, now - due)
  const dueHere = origin + due
  const programmed = dueHere + programme(dueHere - epoch, log.due.length)
  const at = log.due.push(due) - 1
  log.programmed.push(programmed)
  const frame = framed(JSON.stringify({type: 'message', text}))
  const release = () => {
    log.released[at] = performance.now()
    for (const member of room) send(member._socket, frame)
  }
  // What is released without delay goes out at once; a timer would keep it for a millisecond.
  if (programmed - now < 0.5) release()
  else wake(programmed, release)
}

/** Of an earlier run, which warmed us up, nothing is kept. */
function begin(run, now) {
  ;[origin, epoch, running] = [Infinity, now, run]
  for (const column of Object.values(log)) column.length = 0
}

/** One unmasked text frame of less than 64 KiB (RFC 6455, 5.2). */
function framed(text) {
  const payload = Buffer.from(text)
  const header = payload.length < 126 ? [0x81, payload.length] : [0x81, 126, payload.length >> 8, payload.length & 255]
  return Buffer.concat([Buffer.from(header), payload])
}

const corked = []

/** What is released in one turn of the event loop leaves together, so that the end of a stall is one moment for all that waited for it. */
function send(socket, frame) {
  if (socket.writableCorked === 0) {
    socket.cork()
    if (corked.push(socket) === 1) setImmediate(uncork)
  }
  socket.write(frame)
}

function uncork() {
  for (const socket of corked.splice(0)) socket.uncork()
}

/** Node's timers are a millisecond coarse: the last bit is waited for turn by turn, each long enough to leave little garbage. */
function wake(at, release) {
  const now = performance.now()
  if (at - now > 1.5) {
    setTimeout(wake, at - now - 1.5, at, release)
    return
  }
  while (performance.now() < Math.min(at, now + 0.05));
  if (performance.now() < at) setImmediate(wake, at, release)
  else release()
}

process.on('message', (message) => {
  if (message !== 'log') return
  process.send({origin, ...log})
})
// The bench is gone.
process.on('disconnect', () => process.exit())

const server = new WebSocketServer({host: '127.0.0.1', port: 0}, () => process.send({port: server.address().port}))
server.on('connection', open)
