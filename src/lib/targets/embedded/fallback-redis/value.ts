/** What a command answers, and how it is written on the wire (RESP2). Text is latin1: one character is one byte. */

/** `+OK`: a simple string, as opposed to data. */
export class Status {
  constructor(readonly text: string) {}
}

/** `-ERR …`: the text begins with its code. */
export class ReplyError extends Error {}

/** The null array, `*-1`: an EXEC that was called off, a blocking pop that ran out of time. */
export const NO_ARRAY = Symbol('no array')

export type Value = string | number | bigint | null | Status | ReplyError | typeof NO_ARRAY | readonly Value[]

export const OK = new Status('OK')
export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value'
export const SYNTAX = 'ERR syntax error'

/** The bytes of one reply, as latin1 text. */
function encode(value: Value): string {
  if (typeof value === 'string') return bulk(value)
  if (typeof value === 'number' || typeof value === 'bigint') return `:${value}\r\n`
  if (value === null) return '$-1\r\n'
  if (value === NO_ARRAY) return '*-1\r\n'
  if (value instanceof Status) return `+${value.text}\r\n`
  if (value instanceof ReplyError) return `-${value.message.replaceAll(/[\r\n]+/g, ' ')}\r\n`
  return `*${value.length}\r\n${value.map(encode).join('')}`
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`
}

/** Encoded once, to be written to many sockets. */
export function encodeToBytes(value: Value): Buffer {
  return Buffer.from(encode(value), 'latin1')
}

/** An error that names the command, as Redis words it. */
export function wrongNumber(command: string): ReplyError {
  return new ReplyError(`ERR wrong number of arguments for '${command}' command`)
}
