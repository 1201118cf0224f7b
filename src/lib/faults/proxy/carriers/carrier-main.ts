/** Entry of a process that only carries: does what the accepting process says, and ends when the channel to it closes. */
import {Socket} from 'node:net'
import {LocalCarrier} from './local-carrier.js'
import type {FromCarrier, ToCarrier} from './messages.js'

let carrier: LocalCarrier | undefined
const progress = {arrived: 0, ended: 0}

function say(message: FromCarrier): void {
  if (process.connected) process.send?.(message, undefined, {}, () => undefined)
}

/** Arrivals and ends come in crowds: one message tells of all that happened in a turn of the loop. */
function count(what: keyof typeof progress): void {
  if (progress.arrived + progress.ended === 0) {
    setImmediate(() => {
      say({kind: 'progress', ...progress})
      Object.assign(progress, {arrived: 0, ended: 0})
    })
  }
  progress[what]++
}

async function obey(message: ToCarrier, client: unknown): Promise<void> {
  if (message.kind === 'begin') {
    carrier = new LocalCarrier(message.seed, () => count('ended'))
    say({kind: 'ready'})
    return
  }
  if (carrier === undefined) return
  switch (message.kind) {
    case 'carry':
      count('arrived')
      // A client that has gone while it was handed over arrives as nothing.
      if (client instanceof Socket) carrier.carry(message.arrival, client)
      else count('ended')
      return
    case 'shape':
      await carrier.shape(message.proxy, message.toxics)
      say({kind: 'done', id: message.id})
      return
    case 'drop':
      await carrier.drop(message.proxy)
      say({kind: 'done', id: message.id})
      return
    case 'counts':
      say({kind: 'done', id: message.id, counts: Object.fromEntries(await carrier.counts())})
  }
}

process.on('message', (message, client) => void obey(message as ToCarrier, client))
process.on('disconnect', () => carrier?.stop())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
