// The least that opens WebSockets and enters rooms: a paced loop of `new WebSocket` in one process, as the yardstick for ours.
import {setTimeout as sleep} from 'node:timers/promises'
import {WebSocket} from 'ws'

/** Whatever happens, the loop ends. */
const AT_MOST_MS = 120_000

process.on('disconnect', () => process.exit())
process.once('message', async ({urls, count, rate, block, roomSize}) => {
  const empty = process.memoryUsage.rss()
  const startedAt = performance.now()
  const sockets = []
  let inside = 0
  let failed = 0
  const onJoined = () => inside++
  const onError = () => failed++
  const open = (n) => {
    const options = {perMessageDeflate: false, localAddress: `${block}.${1 + Math.floor(n / 6000)}`}
    const socket = new WebSocket(`${urls[n % urls.length]}/ws?user=bare-${process.pid}-${n}`, options)
    const join = `{"type":"join","room":"bare-${process.pid}-${Math.floor(n / roomSize)}"}`
    socket.on('open', () => socket.send(join))
    socket.once('message', onJoined)
    socket.on('error', onError)
    sockets.push(socket)
  }
  while (sockets.length < count) {
    const due = Math.min(count, ((performance.now() - startedAt) / 1000) * rate)
    while (sockets.length < due) open(sockets.length)
    await sleep(1)
  }
  while (inside + failed < count && performance.now() - startedAt < AT_MOST_MS) await sleep(2)
  const ms = performance.now() - startedAt
  process.send({
    open: inside,
    failed,
    ms,
    bytesPerConnection: (process.memoryUsage.rss() - empty) / Math.max(1, inside),
  })
})
