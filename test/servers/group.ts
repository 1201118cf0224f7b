/** A server of a test and all that it starts: it ends when it is disposed of, and also when the test dies. */
import {spawn, type ChildProcess} from 'node:child_process'
import {existsSync} from 'node:fs'
import {join} from 'node:path'

const LAST_WORDS = 2000
/** Another user may not walk into all folders of ours. */
const EVERYBODYS = '/usr/bin:/bin'

/**
 * An end of stdin ends it, which also comes when we are killed; so does an end of the server. What is in the group still then is killed.
 * `wait` alone keeps the shell: it has no other child that it waits for.
 */
const script = (before: string, signal: string): string => `
${before}
"$0" "$@" </dev/null &
server=$!
exec 3<&0
{ cat <&3 >/dev/null; kill -${signal} $server; } 2>/dev/null &
wait $server
kill -KILL 0
`

export interface GroupOrder {
  readonly command: string
  readonly arguments?: readonly string[]
  readonly directory: string
  readonly env?: NodeJS.ProcessEnv
  /** Whom it runs as; ourselves otherwise. */
  readonly user?: {readonly uid: number; readonly gid: number} | undefined
  /** What else runs in it: `epmd &`. */
  readonly before?: string
  /** On which it ends in order. */
  readonly signal: 'KILL' | 'INT' | 'TERM'
}

export interface Group extends AsyncDisposable {
  readonly process: ChildProcess
  /** The last that it said. */
  words(): string
}

export function startGroup({command, directory, env, user, before = '', signal, ...order}: GroupOrder): Group {
  const group = spawn('sh', ['-c', script(before, signal), command, ...(order.arguments ?? [])], {
    cwd: directory,
    env: {...(env ?? process.env), PATH: `${process.env['PATH'] ?? ''}:${EVERYBODYS}`},
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...user,
  })
  let words = ''
  for (const stream of [group.stdout, group.stderr])
    stream.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-LAST_WORDS)
    })
  group.stdin.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => {
    group.once('close', () => resolve())
    group.once('error', (error) => {
      words = error.message
      resolve()
    })
  })
  return {
    process: group,
    words: () => words,
    async [Symbol.asyncDispose]() {
      group.stdin.end()
      await ended
    },
  }
}

/** The first of these folders that has such a program. */
export function programIn(folders: readonly string[], name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
