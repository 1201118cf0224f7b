/** Holds an archive against what was accepted: everything must be found there in time. */
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import {StampReader} from '../../protocols/stamp.js'
import {sequencesIn} from './accepted.js'

export interface ArchiveFacts {
  /** Accepted messages that were looked for. */
  readonly wanted: number
  readonly missing: number
  /** From when the last message was due until all were found; undefined when some never were. */
  readonly lagMs: Ms | undefined
  /** Some of the missing, as voice and sequence. */
  readonly examples: readonly {readonly voice: number; readonly sequence: number}[]
  /** Why the archive could not be read the last time, if it could not. */
  readonly trouble?: string
}

export interface ArchiveSearch {
  readonly runId: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Of every worker, each voice with its accepted sequences. */
  readonly accepted: readonly (readonly [voice: number, bits: string])[]
  /** On the clock. */
  readonly lastDueMs: Ms
  readonly withinMs: Ms
  /** Reads the whole archive, text by text. */
  readonly texts: () => AsyncIterable<Buffer>
}

const EXAMPLES = 5
const LOOK_EVERY: Ms = 500
/** An archive that takes long to read is read less often, so that looking is no load of its own. */
const REST = 2

/** Looks again and again until all is found, or the time is up. */
export async function searchArchive(search: ArchiveSearch): Promise<ArchiveFacts> {
  const {clock, signal, lastDueMs, withinMs} = search
  const left = wantedOf(search.accepted)
  const wanted = sizeOf(left)
  let trouble: string | undefined
  for (;;) {
    const startedAt = clock.now()
    trouble = await strike(left, search)
    const now = clock.now()
    if (sizeOf(left) === 0 && trouble === undefined) return {wanted, missing: 0, lagMs: now - lastDueMs, examples: []}
    if (now - lastDueMs >= withinMs || signal.aborted) break
    await clock.sleep(Math.max(LOOK_EVERY, REST * (now - startedAt)), signal)
  }
  return {
    wanted,
    missing: sizeOf(left),
    lagMs: undefined,
    examples: examplesOf(left),
    ...(trouble !== undefined && {trouble}),
  }
}

/** By voice, the sequences that are not found yet. */
type Left = Map<number, Set<number>>

function wantedOf(accepted: ArchiveSearch['accepted']): Left {
  return new Map(accepted.map(([voice, bits]) => [voice, new Set(sequencesIn(bits))]))
}

/** Strikes off what the archive holds; yields why it could not be read, if so. */
async function strike(left: Left, {texts, runId}: ArchiveSearch): Promise<string | undefined> {
  const reader = new StampReader(runId)
  const found = {
    stamp: (voice: number, sequence: number) => void left.get(voice)?.delete(sequence),
    broken: () => undefined,
  }
  try {
    for await (const text of texts()) reader.read(text, found)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function sizeOf(left: Left): number {
  let size = 0
  for (const sequences of left.values()) size += sequences.size
  return size
}

function examplesOf(left: Left): {voice: number; sequence: number}[] {
  const examples = []
  for (const [voice, sequences] of left)
    for (const sequence of sequences) {
      if (examples.length === EXAMPLES) return examples
      examples.push({voice, sequence})
    }
  return examples
}
