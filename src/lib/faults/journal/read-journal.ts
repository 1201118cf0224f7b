/** Reads what runs have left behind; a journal may end in the middle of a line, as its writer may have died there. */
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {z} from 'zod'
import {ENDED, runsIn} from './journal.js'

const planned = z.object({
  kind: z.literal('planned'),
  at: z.string(),
  writer: z.object({
    runId: z.string(),
    pid: z.number(),
    identity: z.string(),
    host: z.string(),
    command: z.string(),
    target: z.string(),
  }),
  faults: z.array(z.object({name: z.string(), text: z.string(), needs: z.string()})),
  servers: z.array(z.string()),
})
const ofFault = z.object({
  kind: z.enum(['injecting', 'injected', 'reverted', 'failed']),
  fault: z.number(),
  undoing: z.record(z.string(), z.unknown()).optional(),
})
const lineSchema = z.discriminatedUnion('kind', [planned, ofFault, z.object({kind: z.literal('end')})])
type Line = z.infer<typeof lineSchema>

/** A fault that was begun, and of which nobody wrote that it was put back. */
export interface LeftFault {
  /** Its number in the plan, from 0. */
  readonly index: number
  readonly name: string
  readonly text: string
  readonly needs: string
  /** Where it acts: `redis 127.0.0.1:6379`. */
  readonly server: string
  /** Undefined: it puts itself right. */
  readonly undoing: Readonly<Record<string, unknown>> | undefined
}

export interface LeftRun {
  /** The journal. */
  readonly path: string
  readonly since: string
  readonly writer: z.infer<typeof planned>['writer']
  readonly servers: readonly string[]
  readonly left: readonly LeftFault[]
}

/** Every run whose journal was not ended, oldest first. */
export function leftRuns(state: string): LeftRun[] {
  return journalsIn(runsIn(state)).flatMap((path) => {
    const lines = linesOf(path)
    const [first] = lines
    if (first?.kind !== 'planned') return []
    const {at: since, writer, servers} = first
    return [{path, since, writer, servers, left: leftIn(first, lines)}]
  })
}

function leftIn({faults, servers}: z.infer<typeof planned>, lines: readonly Line[]): LeftFault[] {
  return faults.flatMap(({name, text, needs}, index) => {
    const own = lines.flatMap((line) => ('fault' in line && line.fault === index ? [line] : []))
    const begun = own.find((line) => line.kind === 'injecting')
    if (!begun || own.some(({kind}) => kind === 'reverted')) return []
    return [{index, name, text, needs, server: servers[index] ?? '?', undoing: begun.undoing}]
  })
}

function journalsIn(runs: string): string[] {
  try {
    const names = readdirSync(runs).filter((name) => name.endsWith('.jsonl') && !name.endsWith(ENDED))
    return names.sort().map((name) => join(runs, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** What is no whole record is left out. */
function linesOf(path: string): Line[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        return [lineSchema.parse(JSON.parse(text))]
      } catch {
        return []
      }
    })
}
