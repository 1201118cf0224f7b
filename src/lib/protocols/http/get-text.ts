/** Reads one page over HTTP, bounded in size and time. */
import type {LookupFunction} from 'node:net'
import {Agent, request} from 'undici'
import type {Bytes, Ms} from '../../base/units.js'

export interface Reading {
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: Ms
  readonly atMost: Bytes
  readonly lookup: LookupFunction
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly insecure: boolean
}

export interface TextReader extends AsyncDisposable {
  /** The body of a 2xx answer. Rejects with an Error that says the status, or that it was too large or too late. */
  read(url: string): Promise<Buffer>
}

/** One reader keeps its connections until it is disposed of. */
export function textReader({headers, timeoutMs, atMost, lookup, ca, cert, key, insecure}: Reading): TextReader {
  const agent = new Agent({
    connect: {
      lookup,
      timeout: timeoutMs,
      rejectUnauthorized: !insecure,
      ...(ca === undefined ? {} : {ca}),
      ...(cert === undefined ? {} : {cert}),
      ...(key === undefined ? {} : {key}),
    },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  return {
    async read(url) {
      // The agent's own limits start anew with each chunk, and a page that drips in never ends by them.
      const answer = await request(url, {dispatcher: agent, headers, signal: AbortSignal.timeout(timeoutMs)})
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        size += chunk.length
        if (size > atMost) throw new Error(`the answer is larger than ${atMost} bytes`)
        chunks.push(chunk)
      }
      if (answer.statusCode < 200 || answer.statusCode > 299) throw new Error(`status ${answer.statusCode}`)
      return Buffer.concat(chunks)
    },
    [Symbol.asyncDispose]: async () => agent.close(),
  }
}
