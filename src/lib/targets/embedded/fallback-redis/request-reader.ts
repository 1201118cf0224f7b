/** Cuts the bytes of a client into commands. */
// @ts-expect-error -- the package ships no types; the part that we use is written down below
import RedisParser from 'redis-parser'

interface Parser {
  execute(bytes: Buffer): void
}

interface ParserOptions {
  readonly returnBuffers: boolean
  returnReply(reply: unknown): void
  returnError(error: Error): void
  returnFatalError(error: Error): void
}

type ParserConstructor = new (options: ParserOptions) => Parser

/**
 * Reads arrays of bulk strings, as every client library sends them (commands typed into telnet are not read).
 * @param onWords one command, name first, as latin1 text
 * @param onNonsense what came is no command; the connection is of no use any more
 */
export function requestReader(onWords: (words: string[]) => void, onNonsense: (why: string) => void): Parser {
  const nonsense = (error: Error) => onNonsense(`ERR Protocol error: ${error.message}`)
  return new (RedisParser as unknown as ParserConstructor)({
    returnBuffers: true,
    returnReply: (reply) => {
      if (isWords(reply)) onWords(reply.map((word) => word.toString('latin1')))
      else onNonsense('ERR Protocol error: expected an array of bulk strings')
    },
    returnError: nonsense,
    returnFatalError: nonsense,
  })
}

function isWords(reply: unknown): reply is Buffer[] {
  return Array.isArray(reply) && reply.every((word) => Buffer.isBuffer(word))
}
