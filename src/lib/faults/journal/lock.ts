/** One run against one server: who disturbs it leaves a file, which a second run meets. */
import {createHash, randomUUID} from 'node:crypto'
import {linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {dirname, join} from 'node:path'
import {z} from 'zod'
import {UsageError} from '../../base/errors.js'
import {identityOf} from '../node/process-identity.js'
import type {Writer} from './records.js'

const holderSchema = z.object({
  server: z.string(),
  since: z.string(),
  runId: z.string(),
  pid: z.number(),
  identity: z.string(),
  host: z.string(),
  command: z.string(),
  target: z.string(),
})

/** Who holds a server, and since when (ISO 8601). */
export type Holder = z.infer<typeof holderSchema>

const TRIES = 5

/** Locks on this host; given back by disposing. */
export class Locks implements Disposable {
  readonly #held: string[] = []

  constructor(
    readonly state: string,
    readonly writer: Writer,
  ) {}

  /** Takes a lock that is free, or whose holder is dead. Throws a UsageError that says who holds it and how to break it. */
  take(server: string, since: Date): void {
    const path = lockPath(this.state, server)
    if (this.#held.includes(path)) return
    const holder: Holder = {...this.writer, server, since: since.toISOString()}
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (created(path, holder)) {
        this.#held.push(path)
        return
      }
      const other = readHolder(path)
      if (other && livesOn(other)) throw isHeld(other)
      if (other) removeOf(path, other)
    }
    throw new UsageError(`the lock of ${server} cannot be taken: ${path}`)
  }

  [Symbol.dispose](): void {
    for (const path of this.#held.splice(0)) {
      if (readHolder(path)?.runId === this.writer.runId) rmSync(path, {force: true})
    }
  }
}

/** Takes away the locks of dead runs, or all of them; yields the servers that are free now. */
export function breakLocks(state: string, all: boolean): string[] {
  const broken = lockFiles(state).flatMap((path) => {
    const holder = readHolder(path)
    return holder && (all || !livesOn(holder)) ? [{path, server: holder.server}] : []
  })
  for (const {path} of broken) rmSync(path, {force: true})
  return broken.map(({server}) => server)
}

function lockFiles(state: string): string[] {
  try {
    return readdirSync(join(state, 'locks')).map((name) => join(state, 'locks', name))
  } catch {
    return []
  }
}

/** Whether the process that wrote this still lives; one on another host cannot be asked, and counts as alive. */
export function livesOn({host, pid, identity}: Pick<Writer, 'host' | 'pid' | 'identity'>): boolean {
  return host !== hostname() || identityOf(pid) === identity
}

function lockPath(state: string, server: string): string {
  return join(state, 'locks', `${createHash('sha256').update(server).digest('hex').slice(0, 16)}.json`)
}

/** Whole or not at all: written aside, then linked, which fails when the name is taken. */
function created(path: string, holder: Holder): boolean {
  const aside = `${path}.${randomUUID()}`
  try {
    mkdirSync(dirname(path), {recursive: true, mode: 0o700})
    writeFileSync(aside, JSON.stringify(holder), {mode: 0o600})
    linkSync(aside, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new UsageError(`locks cannot be kept: ${(error as Error).message}`, {
      cause: error,
      hint: 'name a directory that can be written with PROOFLOAD_STATE',
    })
  } finally {
    rmSync(aside, {force: true})
  }
}

/** Moved away first: if two find the same dead holder, one of them may already have put its own lock there, which goes back. */
function removeOf(path: string, dead: Holder): void {
  const aside = `${path}.${randomUUID()}`
  try {
    renameSync(path, aside)
    if (readHolder(aside)?.runId !== dead.runId) linkSync(aside, path)
  } catch {
    // Somebody else was quicker.
  }
  rmSync(aside, {force: true})
}

/** Undefined when there is none; one that nobody can read counts as none. */
function readHolder(path: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

function isHeld({server, command, pid, host, since}: Holder): UsageError {
  return new UsageError(
    `${server} is disturbed by another run: '${command}', process ${pid} on ${host}, since ${since}`,
    {
      hint: "wait for it or end it; if it is gone for good: 'proofload fault recover --force'",
    },
  )
}
