/** The proxy process: detached, holds the proxies and their API, and ends when its stdin does. */
import {createInterface} from 'node:readline'
import {openApi, type Api} from './api/server.js'
import {DESCRIPTORS_PER_CONNECTION, Fleet, readCapacity} from './carriers/fleet.js'
import {LocalCarrier} from './carriers/local-carrier.js'
import {RemoteCarrier} from './carriers/remote-carrier.js'
import {Directory} from './directory.js'
import type {Order, Ready, Report} from './order.js'

/** Closing takes milliseconds; whatever could keep the process longer must not. */
const END_WITHIN_MS = 2000

let api: Api | undefined
let fleet: Fleet | undefined
let directory: Directory | undefined
let ending = false

function report(line: Report): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

async function start({proxies, seed, processes, api: address}: Order): Promise<Ready> {
  const remotes = processes === 1 ? [] : await startRemotes(processes, seed)
  fleet = new Fleet(processes === 1 ? [new LocalCarrier(seed)] : remotes, readCapacity())
  directory = new Directory(fleet)
  const listens: Record<string, string> = {}
  for (const {name, upstream, listen = ''} of proxies) {
    const proxy = await directory.create({name, upstream, listen, enabled: true})
    listens[name] = proxy.state.listen
  }
  api = await openApi(directory, address)
  return {api: api.url, listens, pids: [process.pid, ...remotes.map(({pid}) => pid ?? 0)]}
}

/** This process then carries nothing itself, so that all of its descriptors are for clients that wait to be handed over. */
function startRemotes(processes: number, seed: string): Promise<RemoteCarrier[]> {
  const options = {seed, mostOnTheirWay: Math.floor((readCapacity() * DESCRIPTORS_PER_CONNECTION) / processes)}
  return Promise.all(Array.from({length: processes}, () => RemoteCarrier.start(options, fail)))
}

/** The last words on stderr are what our starter tells the user. */
function fail(why: string): void {
  if (ending) return
  process.stderr.write(`${why}\n`)
  process.exitCode = 1
  end()
}

function end(): void {
  if (ending) return
  ending = true
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), END_WITHIN_MS).unref()
  api?.close()
  void directory?.close()
  fleet?.stop()
  process.stdin.destroy()
}

async function obey(line: string): Promise<void> {
  try {
    report({ready: await start(JSON.parse(line) as Order)})
  } catch (error) {
    report({failed: error instanceof Error ? error.message : String(error)})
    end()
  }
}

process.stdout.on('error', end)
process.stderr.on('error', () => undefined)
process.on('SIGINT', () => undefined)
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
createInterface({input: process.stdin})
  .once('line', (line) => void obey(line))
  .on('close', end)
