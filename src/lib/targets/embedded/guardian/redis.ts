/** Runs one server that speaks the Redis protocol, and knows it is ready when it names our own child as its process. */
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {connect} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import type {RedisOrder} from '../order.js'
import {endChild, guarded, hasEnded, type GuardedServer} from './server.js'
import {Tail} from './tail.js'

const READY_WITHIN_MS = 15_000
const POLL_MS = 25
const STOP_WITHIN_MS = 3_000
const INFO = '*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n'

/**
 * Starts the server in `directory` and waits until it answers.
 * @throws Error with the server's last words when it ends first, or does not answer within 15 s
 */
export async function startRedisServer(
  order: RedisOrder,
  directory: string,
  ending: AbortSignal,
): Promise<GuardedServer> {
  const child = spawn(order.command, order.args, {cwd: directory, stdio: ['ignore', 'pipe', 'pipe']})
  const words = new Tail()
  child.stdout.on('data', (chunk: Buffer) => words.add(chunk))
  child.stderr.on('data', (chunk: Buffer) => words.add(chunk))
  await once(child, 'spawn')
  try {
    const version = await answerOf(child, order.port, ending)
    return guarded(child, version, 'SIGTERM', STOP_WITHIN_MS)
  } catch (cause) {
    await endChild(child, 'SIGTERM', STOP_WITHIN_MS)
    throw new Error(`${(cause as Error).message} ${words.text()}`.trim(), {cause})
  }
}

/** Asks until the answer comes from our child: a stranger on the same port is not it. */
async function answerOf(child: ChildProcess, port: number, ending: AbortSignal): Promise<string> {
  for (let waited = 0; waited < READY_WITHIN_MS; waited += POLL_MS) {
    if (ending.aborted) throw new Error('stopped before it was ready.')
    if (hasEnded(child)) throw new Error(`it ended with code ${child.exitCode ?? child.signalCode ?? '?'}.`)
    const info = await ask(port)
    if (info.get('process_id') === String(child.pid)) return versionIn(info)
    await sleep(POLL_MS)
  }
  throw new Error(`it did not answer on port ${port} within ${READY_WITHIN_MS / 1000} s.`)
}

/** Valkey, and our own server, name their version beside the Redis version that they are compatible with. */
function versionIn(info: ReadonlyMap<string, string>): string {
  return info.get('engine_version') ?? info.get('valkey_version') ?? info.get('redis_version') ?? 'unknown'
}

/** The `key:value` lines of INFO; none when nobody answers. */
function ask(port: number): Promise<ReadonlyMap<string, string>> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({port, host: '127.0.0.1'}, () => socket.write(INFO))
    socket.setTimeout(1000, () => socket.destroy())
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      if (answer.includes('process_id:') && answer.endsWith('\r\n')) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(new Map(answer.split('\r\n').map(keyAndValue))))
  })
}

function keyAndValue(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1)]
}
