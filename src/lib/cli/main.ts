/** The way in: runs a command, or says which one was probably meant; no error leaves without its exit code. */
import {Config} from '@oclif/core/config'
import {run} from '@oclif/core/run'
import {didYouMean} from '../base/nearest.js'
import {failureJson, failureText} from '../report/failure.js'
import {toJsonText} from '../report/json.js'
import {paintFor} from '../report/paint.js'
import {processTerminal} from '../report/terminal.js'
import {UsageError} from '../base/errors.js'
import {toFailure} from './failures.js'

/** `root` is a file URL inside the package. Sets the process's exit code and lets the event loop run empty, so that no output is cut off. */
export async function main(argv: readonly string[], root: string): Promise<void> {
  const stall = () => show(new Error('the event loop ran empty before the work was done'), argv)
  process.once('beforeExit', stall)
  try {
    const config = await Config.load(root)
    refuseUnknown(argv, config)
    await run([...argv], config)
  } catch (error) {
    show(error, argv)
  } finally {
    process.off('beforeExit', stall)
  }
}

function show(error: unknown, argv: readonly string[]): void {
  const command = ['proofload', ...argv.slice(0, 1).filter((word) => /^[a-z]/.test(word))].join(' ')
  const failure = toFailure(error, {command, flags: []}, Boolean(process.env['DEBUG']))
  const terminal = processTerminal()
  process.exitCode = failure.exitCode
  if (argv.includes('--json')) terminal.out(toJsonText(failureJson(failure)))
  else terminal.err(failureText(failure, paintFor(terminal.colour.err)))
}

/** Help and version are oclif's own; anything else that comes first must be a command. */
function refuseUnknown(argv: readonly string[], config: Config): void {
  const [first] = argv
  if (first === undefined || ['--help', '-h', '--version'].includes(first)) return
  if (config.findCommand(first) || config.findTopic(first)) return
  const what = first.startsWith('-') ? `unknown flag ${first}: a command comes first` : `unknown command '${first}'`
  const commands = config.commandIDs.filter((id) => !id.includes(':'))
  throw new UsageError(`${what}, ${didYouMean(first, commands)}`, {hint: 'see proofload --help'})
}
