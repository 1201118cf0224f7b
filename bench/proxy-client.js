// The other side of the proxy's bench: writes 64 KiB at a time, asks for echoes, or opens many connections and holds them.
import {once} from 'node:events'
import {connect} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'

const BLOCK = Buffer.alloc(64 * 1024, 0x20)
const TASKS = {flood, send, echo, hold, leave}
/** More from one source address, and the kernel's search for a port gets slow. */
const PER_ADDRESS = 6000

process.on('disconnect', () => process.exit())
process.on('message', async ({task, ...input}) => process.send(await TASKS[task](input)))

let held = []

function open(port, localAddress) {
  const socket = connect({port, host: '127.0.0.1', localAddress, noDelay: true})
  socket.on('error', () => undefined)
  return socket
}

async function openAll(port, connections) {
  const sockets = Array.from({length: connections}, () => open(port))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  return sockets
}

/** Writes on every connection as fast as it is taken. */
async function flood({port, connections, ms}) {
  const sockets = await openAll(port, connections)
  let on = true
  for (const socket of sockets) {
    const write = () => {
      while (on && socket.write(BLOCK));
    }
    socket.on('drain', write)
    write()
  }
  await sleep(ms)
  on = false
  for (const socket of sockets) socket.destroy()
  return {}
}

/** Writes so many bytes on one connection, and waits until it is closed. */
async function send({port, bytes}) {
  const [socket] = await openAll(port, 1)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.resume()
  socket.end(Buffer.alloc(bytes, 0x20))
  await closed
  return {}
}

/** Round trips of 64 bytes on each connection, one at a time, in ms. */
async function echo({port, connections, ms}) {
  const sockets = await openAll(port, connections)
  const end = performance.now() + ms
  const trips = await Promise.all(sockets.map((socket) => echoes(socket, end)))
  return {trips: trips.flat()}
}

function echoes(socket, end) {
  const message = Buffer.alloc(64, 0x65)
  const trips = []
  return new Promise((resolve) => {
    let [sentAt, received] = [0, 0]
    const ask = () => {
      received = 0
      sentAt = performance.now()
      socket.write(message)
    }
    socket.on('data', (chunk) => {
      received += chunk.length
      if (received < message.length) return
      const now = performance.now()
      trips.push(now - sentAt)
      if (now < end) return ask()
      socket.destroy()
      resolve(trips)
    })
    ask()
  })
}

/** Opens connections at a rate, asks one echo of each, and holds those that answered. */
async function hold({port, connections, rate}) {
  const [outcomes, startedAt] = [[], performance.now()]
  while (held.length < connections) {
    const due = Math.min(connections, ((performance.now() - startedAt) / 1000) * rate)
    while (held.length < due) {
      const socket = open(port, `127.77.0.${1 + Math.floor(held.length / PER_ADDRESS)}`)
      held.push(socket)
      outcomes.push(outcomeOf(socket))
    }
    await sleep(2)
  }
  const answered = (await Promise.all(outcomes)).filter(Boolean).length
  return {answered, open: held.filter((socket) => !socket.destroyed).length}
}

function outcomeOf(socket) {
  socket.once('connect', () => socket.write('e'))
  return new Promise((resolve) => {
    socket.once('data', () => resolve(true))
    socket.once('close', () => resolve(false))
  })
}

/** Lets go of what was held. */
async function leave() {
  const gone = held.map((socket) => socket.destroyed || once(socket, 'close'))
  for (const socket of held) socket.resetAndDestroy()
  await Promise.all(gone)
  held = []
  return {}
}
