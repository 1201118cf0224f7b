/** One message on its way into Redis: a command of ioredis that is put in words only once, and costs no timer and no chain of promises. */
import {Command, type Redis} from 'ioredis'
import type {Ms} from '../../base/units.js'

/** The words before the text: `PUBLISH channel`, `XADD key * m`. */
export interface Opening {
  readonly command: 'publish' | 'xadd'
  /** By which a cluster finds the node. */
  readonly key: string
  readonly words: string
}

export function publishTo(channel: string): Opening {
  return {command: 'publish', key: channel, words: opening('PUBLISH', channel)}
}

/** The entry has one field, `m`. */
export function addTo(stream: string): Opening {
  return {command: 'xadd', key: stream, words: opening('XADD', stream, '*', 'm')}
}

/** All but the last word of a request in RESP: `*3\r\n$7\r\nPUBLISH\r\n$4\r\nroom\r\n`. */
function opening(...words: readonly string[]): string {
  return `*${words.length + 1}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
}

type Settle = (posting: Posting, error: Error | undefined) => void

export class Posting extends Command {
  readonly ticket: number
  readonly sentAt: Ms
  /** Bytes. */
  readonly size: number
  readonly #opening: Opening
  readonly #text: string

  constructor(
    opening: Opening,
    {ticket, text}: {readonly ticket: number; readonly text: string},
    sentAt: Ms,
    settle: Settle,
  ) {
    super(opening.command, [opening.key])
    this.ticket = ticket
    this.sentAt = sentAt
    this.size = text.length
    this.#opening = opening
    this.#text = text
    this.isTraced = true
    // Whoever gives the command its answer calls these; the promise that ioredis makes for it is never looked at.
    this.resolve = () => settle(this, undefined)
    this.reject = (error) => settle(this, error)
  }

  /** Each character of the text is one byte. */
  override toWritable(stream: object): string | Buffer {
    const wire = `${this.#opening.words}$${this.size}\r\n${this.#text}\r\n`
    return stream instanceof Batch ? wire : Buffer.from(wire, 'latin1')
  }
}

/** Takes what ioredis would write, so that many commands leave in one piece. */
class Batch {
  wire = ''

  write(wire: string): void {
    this.wire += wire
  }
}

/** Hands the commands to ioredis, which waits for their answers as for those of its own pipelines, and writes them in one piece. */
export function writeTogether(redis: Redis, postings: readonly Posting[]): void {
  const batch = new Batch()
  const stream = batch as unknown as NonNullable<Parameters<Redis['sendCommand']>[1]>
  for (const posting of postings) redis.sendCommand(posting, stream)
  // What could not be sent has been rejected at once.
  if (batch.wire !== '') redis.stream.write(batch.wire, 'latin1')
}
