/** Our side of the proxy process: starts it, hears where the proxies listen, and ends it. */
import {spawn, type ChildProcessByStdio} from 'node:child_process'
import {once} from 'node:events'
import type {Socket} from 'node:net'
import {createInterface} from 'node:readline'
import type {Readable, Writable} from 'node:stream'
import {fileURLToPath} from 'node:url'
import {entryOf} from '../../base/entry.js'
import {TargetError} from '../../base/errors.js'
import {freshSeed} from '../../base/random.js'
import type {Order, ProxyRequest, Ready, Report} from './order.js'

export type {ProxyRequest}

/** Longer than the process gives itself. */
const STOP_WITHIN_MS = 5000
const KEPT_STDERR = 2000

/**
 * glibc gives freed memory at the top of the heap back from 128 KiB on, and takes it again, page by page, for the next buffers: with one fast
 * connection up to a fifth of the proxy's time (measured with 64 KiB writes). Other libraries do not know this setting (mallopt(3)).
 */
const KEEP_FREED_MEMORY = {MALLOC_TRIM_THRESHOLD_: String(128 * 1024 * 1024)}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

export interface StartOptions {
  /** What is drawn at random (toxicity, jitter, sizes of slices) follows from it. */
  readonly seed?: string
  /** How many carry connections: one takes 9,500 with 20,000 descriptors. When it is not 1, one more accepts for them. */
  readonly processes?: number
  /** `host:port` of the API; a free port of loopback when left out. */
  readonly api?: string
}

export interface RunningProxies extends AsyncDisposable {
  /** `http://127.0.0.1:21474`: speaks the Toxiproxy API. */
  readonly api: string
  /** By name, where each proxy listens: `host:port`. */
  readonly listens: Readonly<Record<string, string>>
  readonly pids: readonly number[]
  /** Resolves to the reason when the proxies end without being disposed of; they end together. */
  readonly died: Promise<string>
}

/**
 * Starts proxies in a detached process of their own, which ends when we do (a pipe closes), also by SIGKILL. Throws a TargetError when they
 * cannot listen. They do not keep our own process alive.
 */
export async function startProxies(
  proxies: readonly ProxyRequest[],
  {seed = freshSeed(), processes = 1, api}: StartOptions = {},
): Promise<RunningProxies> {
  const child = spawnProxy()
  const ended = endOf(child)
  const first = firstLine(child, ended)
  const order: Order = {proxies, seed, processes, ...(api === undefined ? {} : {api})}
  child.stdin.write(`${JSON.stringify(order)}\n`)
  const report = await first
  if ('failed' in report) {
    child.stdin.end()
    await ended
    throw new TargetError(`the fault proxy did not start: ${report.failed}`)
  }
  letGo(child)
  return running(child, ended, report.ready)
}

function running(child: Child, ended: Promise<string>, ready: Ready): RunningProxies {
  let disposed: Promise<void> | undefined
  const died = new Promise<string>((resolve) => {
    void ended.then((why) => {
      if (disposed === undefined) resolve(why)
    })
  })
  return {...ready, died, [Symbol.asyncDispose]: () => (disposed ??= stop(child, ended))}
}

/** Detached, so that a terminal's Ctrl-C passes it by; without our NODE_OPTIONS. */
function spawnProxy(): Child {
  const inherited = Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS')
  const child = spawn(process.execPath, [fileURLToPath(entryOf('./main.js', import.meta.url))], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {...KEEP_FREED_MEMORY, ...Object.fromEntries(inherited)},
  })
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  return child
}

/** Its first line, or why there is none. */
async function firstLine(child: Child, ended: Promise<string>): Promise<Report> {
  const lines = createInterface({input: child.stdout})
  const line = once(lines, 'line').then(([text]) => JSON.parse(String(text)) as Report)
  return Promise.race([line, ended.then((why): Report => ({failed: why}))])
}

/** Why it ended: its last words, else its exit code or signal. */
async function endOf(child: Child): Promise<string> {
  if (child.pid === undefined) return 'its process could not be started'
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-KEPT_STDERR)))
  await once(child, 'close')
  const words = stderr
    .trim()
    .split('\n')
    .findLast((line) => line.trim() !== '')
  return words ?? (child.signalCode === null ? `exit code ${child.exitCode ?? '?'}` : `killed by ${child.signalCode}`)
}

function letGo(child: Child): void {
  child.unref()
  for (const pipe of [child.stdin, child.stdout, child.stderr]) (pipe as Partial<Socket>).unref?.()
}

async function stop(child: Child, ended: Promise<string>): Promise<void> {
  child.ref()
  child.stdin.end()
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  await ended
  clearTimeout(killer)
}
