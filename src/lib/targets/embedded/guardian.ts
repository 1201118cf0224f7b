/** The guardian: a detached process that runs one external server and stops it when its own stdin ends. */
import {rm} from 'node:fs/promises'
import {createInterface} from 'node:readline'
import {privateDirectory} from './guardian/directory.js'
import {startPostgresServer} from './guardian/postgres.js'
import {startRedisServer} from './guardian/redis.js'
import type {GuardedServer} from './guardian/server.js'
import type {Order, Report} from './order.js'

const ending = new AbortController()

/** Our starter may be gone: then nobody reads, and writing must not hurt. */
function report(line: Report): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function start(order: Order, directory: string): Promise<GuardedServer> {
  return order.server === 'postgres'
    ? startPostgresServer(order, directory, ending.signal)
    : startRedisServer(order, directory, ending.signal)
}

/** Starts the server, waits for the end (ours or the server's), and leaves nothing behind. */
async function guard(order: Order): Promise<void> {
  const directory = await privateDirectory(order.server)
  try {
    const server = await start(order, directory)
    try {
      report({ready: {pid: server.pid, version: server.version, directory}})
      await Promise.race([aborted(), server.ended])
    } finally {
      await server.stop()
    }
  } catch (error) {
    report({failed: error instanceof Error ? error.message : String(error)})
  } finally {
    await rm(directory, {recursive: true, force: true, maxRetries: 20, retryDelay: 100})
    process.stdin.destroy()
  }
}

function aborted(): Promise<void> {
  return new Promise((resolve) => {
    if (ending.signal.aborted) resolve()
    else ending.signal.addEventListener('abort', () => resolve(), {once: true})
  })
}

function end(): void {
  ending.abort(new Error('the guardian was told to stop'))
}

/** The first line on stdin; any other line, or the end, means stop. */
let order: Order | undefined
process.stdout.on('error', end)
process.on('SIGINT', () => undefined)
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
// A library's child process may fail outside any promise of ours: the server is stopped all the same.
process.on('uncaughtException', (error) => {
  report({failed: error.message})
  end()
})

createInterface({input: process.stdin})
  .on('line', (line) => {
    if (order !== undefined) {
      end()
      return
    }
    order = JSON.parse(line) as Order
    void guard(order)
  })
  .on('close', end)
