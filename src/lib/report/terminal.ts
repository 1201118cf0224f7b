/** Where text goes: stdout for the result, stderr for everything else, and whether colours and live lines are welcome. */

export interface Terminal {
  /** The result, on stdout. */
  out(text: string): void
  /** Everything else, on stderr. */
  err(text: string): void
  /** Colours on stdout, and on stderr. */
  readonly colour: {readonly out: boolean; readonly err: boolean}
  /** Whether stderr can show a line that redraws itself. */
  readonly live: boolean
}

/** The terminal of this process. A reader who leaves early (`| head`) is no error, so EPIPE is swallowed. */
export function processTerminal(environment: NodeJS.ProcessEnv = process.env): Terminal {
  for (const stream of [process.stdout, process.stderr]) forgiveLeavers(stream)
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    colour: {
      out: wantsColour(environment, process.stdout.isTTY),
      err: wantsColour(environment, process.stderr.isTTY),
    },
    live: process.stderr.isTTY && environment['TERM'] !== 'dumb' && !environment['CI'],
  }
}

/** https://no-color.org: any value that is not empty switches colours off; FORCE_COLOR switches them on without a terminal. */
export function wantsColour(environment: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (environment['NO_COLOR']) return false
  const forced = environment['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return isTerminal && environment['TERM'] !== 'dumb'
}

const forgiven = new WeakSet<NodeJS.WriteStream>()

function forgiveLeavers(stream: NodeJS.WriteStream): void {
  if (forgiven.has(stream)) return
  forgiven.add(stream)
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
