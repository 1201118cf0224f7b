/** The agent: a detached process that injects the faults of a run and puts them back, also when whoever started it is gone. */
import {createInterface} from 'node:readline'
import {HostClock} from '../../base/clock.js'
import {serialise} from '../../load/serialised-error.js'
import {loadInjectors} from '../injectors.js'
import type {AgentOrder, FromAgent, ToAgent} from './messages.js'
import {Stand} from './stand.js'

/** Longer than putting back is tried; whatever hangs then is left behind. */
const LEAVE_WITHIN_MS = 20_000

const clock = new HostClock()
let stand: Stand | undefined
let preparing: Promise<unknown> = Promise.resolve()
let leaving: Promise<void> | undefined

/** Whoever started us may be gone: then nobody reads, and writing must not hurt. */
function tell(message: FromAgent): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

async function prepare(order: AgentOrder): Promise<void> {
  try {
    const makers = await loadInjectors(order.faults.map(({name}) => name))
    stand = new Stand(order, {clock, makers, changed: (index, record) => tell({kind: 'record', index, record})})
    tell({kind: 'ready', previews: await stand.prepare()})
  } catch (error) {
    tell({kind: 'failed', error: serialise(error)})
  }
}

function hear(message: ToAgent): void {
  switch (message.kind) {
    case 'order':
      preparing = prepare(message.order)
      return
    case 'start':
      return stand?.start(message.startAtMs)
    case 'revert':
      void stand?.courses.revertAll().then(() => tell({kind: 'reverted'}))
      return
  }
}

/** Puts back what is active at once; what is still being prepared harms nobody, and is given a moment to come to an end. */
function leave(code: number): void {
  leaving ??= (async () => {
    void clock.sleep(LEAVE_WITHIN_MS).then(() => quit(code))
    await stand?.courses.revertAll()
    await Promise.race([preparing, clock.sleep(1000)])
    await stand?.leave()
    quit(code)
  })().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    quit(1)
  })
}

function quit(code: number): void {
  // eslint-disable-next-line no-restricted-properties -- A connection that hangs would keep an orphan alive.
  process.exit(code)
}

/** A library may fail outside any promise of ours: everything is put back all the same. */
function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  leave(1)
}

process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)
// The terminal's Ctrl-C is answered by whoever started us, in order.
process.on('SIGINT', () => undefined)
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => leave(0))

createInterface({input: process.stdin})
  .on('line', (line) => {
    try {
      hear(JSON.parse(line) as ToAgent)
    } catch (error) {
      tell({kind: 'failed', error: serialise(error)})
    }
  })
  .on('close', () => leave(0))
