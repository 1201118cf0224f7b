// The least that opens WebSockets: a paced loop of `new WebSocket` in one process, as the yardstick for ours.
import {setTimeout as sleep} from 'node:timers/promises'
import {WebSocket} from 'ws'

process.on('disconnect', () => process.exit())
process.once('message', async ({urls, count, rate, block}) => {
  const empty = process.memoryUsage.rss()
  const startedAt = performance.now()
  const sockets = []
  let open = 0
  let failed = 0
  const onOpen = () => open++
  const onError = () => failed++
  while (sockets.length < count) {
    const due = Math.min(count, ((performance.now() - startedAt) / 1000) * rate)
    while (sockets.length < due) {
      const n = sockets.length
      const options = {perMessageDeflate: false, localAddress: `${block}.${1 + Math.floor(n / 6000)}`}
      const socket = new WebSocket(`${urls[n % urls.length]}/ws?user=bare-${process.pid}-${n}`, options)
      socket.on('open', onOpen)
      socket.on('error', onError)
      sockets.push(socket)
    }
    await sleep(1)
  }
  while (open + failed < count) await sleep(2)
  const ms = performance.now() - startedAt
  process.send({open, failed, ms, bytesPerConnection: (process.memoryUsage.rss() - empty) / Math.max(1, open)})
})
