/** What a running drill says of itself, again and again while a step is under way. */
import type {Ms} from '../base/units.js'

/** Shown as progress, never on stdout. */
export interface Note {
  /** `ramp`, `steady`, … */
  readonly phase: string
  /** What is going on, in a few words with figures. */
  readonly text: string
  /** 0 to 1 where it is known. */
  readonly done?: number
}

/** Whoever shows notes. */
export interface Notes {
  note(note: Note): void
}

const NOTE_EVERY: Ms = 250

/** Shows how a step goes on while it is under way. */
export async function noting<Result>(notes: Notes, step: Promise<Result>, note: () => Note): Promise<Result> {
  notes.note(note())
  const timer = setInterval(() => notes.note(note()), NOTE_EVERY)
  try {
    return await step
  } finally {
    clearInterval(timer)
  }
}
