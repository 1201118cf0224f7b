/** Our side of a guardian: starts one, hears whether its server runs, and ends it. */
import {spawn, type ChildProcessByStdio} from 'node:child_process'
import {once} from 'node:events'
import {existsSync} from 'node:fs'
import {rm} from 'node:fs/promises'
import type {Socket} from 'node:net'
import {createInterface} from 'node:readline'
import type {Readable, Writable} from 'node:stream'
import {fileURLToPath} from 'node:url'
import {entryOf} from '../../base/entry.js'
import type {Order, Ready, Report} from './order.js'
import {freePort} from './ports.js'

type Guardian = ChildProcessByStdio<Writable, Readable, null>

/** Longer than a guardian takes to stop its server the hard way. */
const STOP_WITHIN_MS = 20_000
const PORT_TRIES = 6
const PORT_IS_TAKEN = /address already in use|EADDRINUSE|could not bind/i

/** A running server and the way to end it. */
export interface Guarded extends AsyncDisposable {
  readonly ready: Ready
  readonly port: number
}

/** Chooses the port on which a server is tried. */
export type PickPort = () => Promise<number>

/**
 * Starts a server on a free port, and on another one when somebody else was quicker.
 * @throws Error with the server's last words when it does not start
 */
export async function startGuarded(orderOn: (port: number) => Order, pickPort: PickPort = freePort): Promise<Guarded> {
  let why = ''
  for (let attempt = 0; attempt < PORT_TRIES; attempt++) {
    const port = await pickPort()
    const report = await startOn(port, orderOn(port))
    if (!('failed' in report)) return report
    why = report.failed
    if (!PORT_IS_TAKEN.test(why)) break
  }
  throw new Error(why)
}

async function startOn(port: number, order: Order): Promise<Guarded | {failed: string}> {
  const guardian = spawnGuardian()
  const ended = endOf(guardian)
  const hears = reportOf(guardian, ended)
  guardian.stdin.write(`${JSON.stringify(order)}\n`)
  const report = await hears
  if ('failed' in report) {
    guardian.stdin.end()
    await ended
    return report
  }
  letGo(guardian)
  const swept = ended.then(() => sweep(report.ready))
  swept.catch(() => undefined)
  let disposed: Promise<void> | undefined
  return {
    ready: report.ready,
    port,
    [Symbol.asyncDispose]: () => (disposed ??= stop(guardian, ended).then(() => swept)),
  }
}

/** Detached, so that a terminal's Ctrl-C passes it by; without our NODE_OPTIONS (inspect, …) and PG settings. */
function spawnGuardian(): Guardian {
  const inherited = Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS' && !name.startsWith('PG'))
  const guardian = spawn(process.execPath, [fileURLToPath(entryOf('./guardian.js', import.meta.url))], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: Object.fromEntries(inherited),
  })
  guardian.on('error', () => undefined)
  guardian.stdin.on('error', () => undefined)
  return guardian
}

/** The guardian's first line, or why there is none. */
async function reportOf(guardian: Guardian, ended: Promise<void>): Promise<Report> {
  const lines = createInterface({input: guardian.stdout})
  const first = once(lines, 'line').then(([line]) => JSON.parse(String(line)) as Report)
  const silence = ended.then((): Report => ({
    failed: `its guardian ended (${guardian.exitCode ?? 'signal'}) and said nothing`,
  }))
  return Promise.race([first, silence])
}

/** After its pipes closed too: its last line has been read by then. */
async function endOf(guardian: Guardian): Promise<void> {
  if (guardian.pid !== undefined) await once(guardian, 'close')
}

/** A running server does not keep our process alive: when we end, the pipe closes and the guardian tidies up. */
function letGo(guardian: Guardian): void {
  guardian.unref()
  for (const pipe of [guardian.stdin, guardian.stdout]) (pipe as Partial<Socket>).unref?.()
}

async function stop(guardian: Guardian, ended: Promise<void>): Promise<void> {
  guardian.ref()
  guardian.stdin.end('stop\n')
  const bound = setTimeout(() => guardian.kill('SIGKILL'), STOP_WITHIN_MS)
  await ended
  clearTimeout(bound)
}

/** A guardian that was killed could not tidy up: its directory is still there, and so may be its server. */
async function sweep({pid, directory}: Ready): Promise<void> {
  if (!existsSync(directory)) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // The server has ended as well.
  }
  await rm(directory, {recursive: true, force: true, maxRetries: 20, retryDelay: 100})
}
