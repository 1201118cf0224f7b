// A bare `ws` loop in the same process layout as ws-flood: as many client processes, the same practice target, and each
// user joins a room.
import {fork} from 'node:child_process'
import {once} from 'node:events'
import {randomInt} from 'node:crypto'
import {startPractice} from '../dist/lib/targets/practice/practice.js'

/** Opens `users` over `workers` processes at `rate` a second in all; resolves to the rate reached and the memory it took. */
export async function bareLoop({users, workers, nodes, rate, roomSize}) {
  const practice = await startPractice({nodes})
  const children = Array.from({length: workers}, () =>
    fork(new URL('./bare-client.js', import.meta.url), {execArgv: []}),
  )
  try {
    const answers = children.map(async (child, index) => {
      const count = Math.floor(((index + 1) * users) / workers) - Math.floor((index * users) / workers)
      const block = `127.${randomInt(16, 250)}.${randomInt(1, 250)}`
      child.send({urls: practice.target.urls, count, rate: rate / workers, block, roomSize})
      const [answer] = await once(child, 'message')
      return answer
    })
    const all = await Promise.all(answers)
    const open = all.reduce((sum, one) => sum + one.open, 0)
    const ms = Math.max(...all.map((one) => one.ms))
    const bytes = all.reduce((sum, one) => sum + one.bytesPerConnection * one.open, 0) / open
    return {open, perSecond: (open * 1000) / ms, bytesPerConnection: bytes}
  } finally {
    for (const child of children) child.disconnect()
    await practice[Symbol.asyncDispose]()
  }
}
