/** The stages of one direction of one connection, in the order of its proxy's toxics; they change while bytes pass, none lost or out of order. */
import {TOXICS} from '../toxics/catalogue.js'
import type {Toxic} from '../toxic.js'
import type {Sink, Stage, StageKit} from './stage.js'

/** A toxic, and its stage unless the draw of its toxicity spared this connection. */
interface Entry {
  toxic: Toxic
  stage: Stage | undefined
  /** Where its stage passes on to. */
  next: Sink
}

export type ChainKit = Omit<StageKit, 'next'>

export class Chain {
  readonly #tail: Sink
  readonly #kit: ChainKit
  #entries: Entry[] = []
  #head: Sink
  #stopped = false

  constructor(tail: Sink, kit: ChainKit) {
    this.#tail = tail
    this.#head = tail
    this.#kit = kit
  }

  /** Where what the source sends goes in. */
  get head(): Sink {
    return this.#head
  }

  get crowded(): boolean {
    return this.#head !== this.#tail && this.#entries.some(({stage}) => stage?.crowded === true)
  }

  /** Makes the chain what `toxics` says: others leave, changed ones change, new ones come at the end. */
  shape(toxics: readonly Toxic[]): void {
    for (const entry of [...this.#entries]) {
      if (!toxics.some((toxic) => isSame(toxic, entry.toxic))) this.#remove(entry)
    }
    for (const toxic of toxics) {
      if (this.#stopped) return
      const entry = this.#entries.find((known) => isSame(toxic, known.toxic))
      if (entry === undefined) this.#append(toxic)
      else if (JSON.stringify(entry.toxic) !== JSON.stringify(toxic)) this.#change(entry, toxic)
    }
  }

  /** The connection is gone, or what still comes is not wanted. */
  stop(): void {
    this.#stopped = true
    for (const {stage} of this.#entries) stage?.stop()
    this.#entries = []
    this.#head = this.#tail
  }

  #append(toxic: Toxic): void {
    const entry: Entry = {toxic, stage: undefined, next: this.#tail}
    this.#entries.push(entry)
    if (this.#draw(toxic)) this.#enter(entry)
  }

  #change(entry: Entry, toxic: Toxic): void {
    entry.toxic = toxic
    const hit = this.#draw(toxic)
    if (hit && entry.stage !== undefined) entry.stage.update(toxic.attributes)
    else if (hit) this.#enter(entry)
    else this.#quit(entry)
  }

  #remove(entry: Entry): void {
    this.#quit(entry)
    this.#entries = this.#entries.filter((known) => known !== entry)
  }

  #enter(entry: Entry): void {
    const next: Sink = {data: (chunk) => entry.next.data(chunk), end: (how) => entry.next.end(how)}
    entry.stage = TOXICS[entry.toxic.type].make(entry.toxic.attributes, {...this.#kit, next})
    this.#link()
  }

  /** What it holds goes on to the stages behind it before any new byte comes to them. */
  #quit(entry: Entry): void {
    entry.stage?.leave()
    entry.stage = undefined
    this.#link()
  }

  #draw({toxicity}: Toxic): boolean {
    return toxicity >= 1 || this.#kit.random.next() < toxicity
  }

  #link(): void {
    let next = this.#tail
    for (const entry of this.#entries.toReversed()) {
      if (entry.stage === undefined) continue
      entry.next = next
      next = entry.stage
    }
    this.#head = next
  }
}

function isSame(a: Toxic, b: Toxic): boolean {
  return a.name === b.name && a.type === b.type
}
