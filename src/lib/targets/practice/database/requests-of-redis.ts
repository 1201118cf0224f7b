/** Cuts what a client sends to Redis into requests: `*2 ␍␊ $3 ␍␊ DEL ␍␊ $1 ␍␊ k ␍␊`. */

/** One request: its bytes, and its words where it has any. */
export interface RedisRequest {
  readonly bytes: Buffer
  readonly words: readonly Buffer[]
}

const LINE_END = '\r\n'

/** Keeps what is not whole yet until the rest comes. */
export class RequestCutter {
  #waiting: Buffer = Buffer.alloc(0)

  /** The requests that are whole by now. */
  add(chunk: Buffer): readonly RedisRequest[] {
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk])
    const whole: RedisRequest[] = []
    for (let next = requestIn(this.#waiting); next !== undefined; next = requestIn(this.#waiting)) {
      whole.push(next)
      this.#waiting = this.#waiting.subarray(next.bytes.length)
    }
    return whole
  }
}

/** Undefined while it is not whole. What is no array of words (an inline command) is one line without words. */
function requestIn(bytes: Buffer): RedisRequest | undefined {
  const head = lineIn(bytes, 0)
  if (head === undefined) return undefined
  const words: Buffer[] = []
  let at = head.next
  const count = head.text.startsWith('*') ? Number(head.text.slice(1)) : 0
  while (words.length < count) {
    const size = lineIn(bytes, at)
    if (size === undefined) return undefined
    const end = size.next + Number(size.text.slice(1))
    if (bytes.length < end + LINE_END.length) return undefined
    words.push(bytes.subarray(size.next, end))
    at = end + LINE_END.length
  }
  return {bytes: bytes.subarray(0, at), words}
}

function lineIn(bytes: Buffer, from: number): {readonly text: string; readonly next: number} | undefined {
  const end = bytes.indexOf(LINE_END, from)
  return end < 0 ? undefined : {text: bytes.toString('latin1', from, end), next: end + LINE_END.length}
}

export function requestOf(words: readonly (Buffer | string)[]): Buffer {
  const parts = words.flatMap((word) => {
    const bytes = Buffer.from(word)
    return [Buffer.from(`$${bytes.length}${LINE_END}`), bytes, Buffer.from(LINE_END)]
  })
  return Buffer.concat([Buffer.from(`*${words.length}${LINE_END}`), ...parts])
}
