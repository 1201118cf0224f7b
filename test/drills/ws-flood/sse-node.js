/** One node of a small chat that pushes by server-sent events: rooms over Redis, messages by HTTP; told to be wrong by its parent. */
import {createServer} from 'node:http'
import Redis from 'ioredis'

const [, , redisUrl] = process.argv
const publisher = new Redis(redisUrl)
const subscriber = new Redis(redisUrl)
const rooms = new Map()
/** `lose` and `duplicate`: every so manieth delivery; `chop`: writes each event in pieces of so many bytes. */
let defect = {}
let deliveries = 0

function write(stream, event) {
  if (!defect.chop) return stream.write(event)
  for (let at = 0; at < event.length; at += defect.chop) stream.write(event.slice(at, at + defect.chop))
}

subscriber.on('message', (room, text) => {
  for (const stream of rooms.get(room) ?? []) {
    deliveries++
    if (defect.lose && deliveries % defect.lose === 0) continue
    write(stream, text)
    if (defect.duplicate && deliveries % defect.duplicate === 0) write(stream, text)
  }
})

async function listen(room, request, response) {
  response.writeHead(200, {'content-type': 'text/event-stream', 'cache-control': 'no-cache'})
  response.flushHeaders()
  response.socket.setNoDelay(true)
  const members = rooms.get(room) ?? new Set()
  rooms.set(room, members)
  await subscriber.subscribe(room)
  const last = request.headers['last-event-id']
  members.add(response)
  request.on('close', () => members.delete(response))
  const missed = last === undefined ? [] : await publisher.lrange(`log ${room}`, 0, -1)
  write(response, ': welcome\n\nevent: ready\ndata: {}\n\n')
  for (const event of missed) if (Number(/^id: (\d+)/.exec(event)[1]) > Number(last)) write(response, event)
}

async function say(room, text, response) {
  const id = await publisher.incr('id')
  const event = `id: ${id}\nevent: message\ndata: ${JSON.stringify({text})}\n\n`
  await publisher.rpush(`log ${room}`, event)
  await publisher.publish(room, event)
  response.writeHead(202).end()
}

const server = createServer((request, response) => {
  const [, , room, what] = new URL(request.url, 'http://node').pathname.split('/')
  if (what === 'events') return void listen(room, request, response)
  let body = ''
  request.on('data', (chunk) => (body += chunk))
  request.on('end', () => void say(room, JSON.parse(body).text, response))
})

process.on('message', (told) => {
  if (told.cut) for (const members of rooms.values()) for (const stream of members) stream.destroy()
  else defect = told
  process.send({told: true})
})
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send({port: server.address().port}))
