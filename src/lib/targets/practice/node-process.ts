/** Our side of one practice node: starts its process, hears whether it serves, and ends it. */
import {fork, type ChildProcess} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {entryOf} from '../../base/entry.js'
import type {FromNode, NodeConfig, ToNode} from './node-messages.js'

/** A node that ended though nobody asked it to. */
export interface Death {
  readonly index: number
  readonly url: string
  /** Its exit code or signal, and its last words. */
  readonly why: string
}

export interface NodeProcess extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** Resolves when the process ends unasked; stays pending otherwise. */
  readonly died: Promise<Death>
}

const STOP_WITHIN_MS = 5000
const LAST_WORDS = 2000

/**
 * None: a node must not inherit our own (an inspector's port, a test runner's loader). A larger young generation was
 * measured and does not help, since nearly all that a handshake allocates lives as long as its connection.
 */
const EXEC_ARGV: readonly string[] = []

/** @throws Error with the node's reason when it does not serve */
export async function startNode(config: NodeConfig, signal?: AbortSignal): Promise<NodeProcess> {
  signal?.throwIfAborted()
  // Detached, so that a terminal's Ctrl-C passes it by; it ends by itself when our end of the channel closes.
  const child = fork(fileURLToPath(entryOf('./node-main.js', import.meta.url)), [], {
    detached: true,
    execArgv: [...EXEC_ARGV],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const lastWords = keepLastWords(child)
  const ended = endOf(child)
  const abort = (): void => void child.kill('SIGKILL')
  signal?.addEventListener('abort', abort, {once: true})
  try {
    await served(child, config, ended)
  } catch (error) {
    child.kill('SIGKILL')
    await ended
    signal?.throwIfAborted()
    throw new Error(`practice node ${config.index} did not start: ${(error as Error).message}${lastWords()}`, {
      cause: error,
    })
  } finally {
    signal?.removeEventListener('abort', abort)
  }
  return watched(child, {config, ended, lastWords})
}

interface Watch {
  readonly config: NodeConfig
  readonly ended: Promise<string>
  readonly lastWords: () => string
}

function watched(child: ChildProcess, {config, ended, lastWords}: Watch): NodeProcess {
  const url = `ws://127.0.0.1:${config.port}`
  let disposed: Promise<void> | undefined
  const died = new Promise<Death>((resolve) => {
    void ended.then((how) => {
      if (disposed === undefined) resolve({index: config.index, url, why: `${how}${lastWords()}`})
    })
  })
  return {
    url,
    pid: child.pid ?? 0,
    died,
    [Symbol.asyncDispose]: () => (disposed ??= stop(child, ended)),
  }
}

/** Sends the order to start; resolves when the node serves, rejects when it says why it cannot, or ends. */
function served(child: ChildProcess, config: NodeConfig, ended: Promise<string>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('message', (message: FromNode) => {
      if (message.type === 'ready') resolve()
      else reject(new Error(message.why))
    })
    void ended.then((how) => reject(new Error(how)))
    send(child, {type: 'start', config})
  })
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  // A fault may have stopped it.
  child.kill('SIGCONT')
  if (child.connected) send(child, {type: 'stop'})
  const last = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  await ended
  clearTimeout(last)
}

/** A process that is just ending does not mind that it was not told; its end is heard anyway. */
function send(child: ChildProcess, message: ToNode): void {
  child.send(message, () => undefined)
}

/** Resolves with how the process ended; never rejects. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(`it ended with ${code === null ? String(signal) : `code ${code}`}`))
  })
}

function keepLastWords(child: ChildProcess): () => string {
  let words = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS)
  })
  return () => (words.trim() === '' ? '' : `: ${words.trim()}`)
}
