/** The first frames that came, as they may be shown: without secrets, and short. */
import {redact} from '../../base/redact.js'

const MOST = 5
/** Characters of each that are shown. */
const SHOWN = 200
/** Bytes that are looked at: enough to find a secret whole that begins within what is shown. */
const READ = 8192
/** A shorter token would make stars of ordinary words. */
const SHORTEST_TOKEN = 4

export class FirstFrames {
  #kept: string[] = []

  /** @param token of the user, which is hidden wherever it stands */
  constructor(private readonly token = '') {}

  add(frame: Buffer, isBinary: boolean): void {
    if (this.#kept.length < MOST) this.#kept.push(isBinary ? binaryWords(frame) : this.#shown(frame))
  }

  get shown(): readonly string[] {
    return this.#kept
  }

  /** Begins anew. */
  forget(): void {
    this.#kept = []
  }

  #shown(frame: Buffer): string {
    const text = frame.toString('utf8', 0, READ)
    const hidden = this.token.length < SHORTEST_TOKEN ? text : text.replaceAll(this.token, '***')
    const line = printable(redact(hidden))
    return line.length > SHOWN ? `${line.slice(0, SHOWN - 1)}…` : line
  }
}

/** Control characters would move the cursor of a terminal. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- They are what is looked for.
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (character) => JSON.stringify(character).slice(1, -1))
}

const BINARY_SHOWN = 32

function binaryWords(frame: Buffer): string {
  const start = frame.toString('hex', 0, BINARY_SHOWN)
  return `binary, ${frame.length} bytes: ${start}${frame.length > BINARY_SHOWN ? '…' : ''}`
}
