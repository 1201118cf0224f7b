/** What all commands share: flags from every source, exit codes that `--json` does not change, and errors of one line. */
import type {Interfaces} from '@oclif/core'
import {Command} from '@oclif/core/command'
import {failureJson, failureText} from '../report/failure.js'
import {toJsonText} from '../report/json.js'
import {paintFor} from '../report/paint.js'
import {processTerminal, type Terminal} from '../report/terminal.js'
import {configPath, readConfig, type Settings} from './config-file.js'
import {toFailure} from './failures.js'
import {drillFlags, everywhereFlags} from './flags/common.js'
import type {FlagSet, Values} from './flags/option.js'
import {environmentName, resolveFlags, type Sources, yesOrNo} from './resolve-flags.js'

export abstract class ProofloadCommand extends Command {
  protected readonly terminal: Terminal = processTerminal()
  /** What was typed beside the flags, by the names of the command's arguments; known once the flags are resolved. */
  protected words: Readonly<Record<string, string | undefined>> = {}
  #json: boolean | undefined

  /**
   * The values of all flags. `own` are the command's, `shared` those that every command of its kind has.
   * Throws a UsageError, or an error of oclif's parser; `catch` shows both alike.
   */
  protected async resolve<Own extends FlagSet, Shared extends FlagSet>(
    own: Own,
    shared: Shared,
  ): Promise<Values<Own> & Values<Shared>> {
    const flags = {...shared, ...own}
    const typed = await this.#typed(flags)
    const sources = {typed, environment: process.env}
    const {config} = resolveFlags({config: everywhereFlags.config}, {...sources, settings: new Map()})
    const settings = await this.#settings(config, flags)
    const values = resolveFlags(flags, {...sources, settings})
    this.#json = (values as Readonly<Record<string, unknown>>)['json'] === true
    return values
  }

  /** Decided before the flags are read as well, so that wrong ones are told in JSON too. */
  override jsonEnabled(): boolean {
    if (this.#json !== undefined) return this.#json
    const end = this.argv.indexOf('--')
    return (end < 0 ? this.argv : this.argv.slice(0, end)).includes('--json') || jsonByEnvironment()
  }

  /** What `run` returns, under `--json`. */
  protected override logJson(json: unknown): void {
    this.terminal.out(toJsonText(json))
  }

  /** oclif's own `catch` gives other exit codes under `--json`, and prints its whole config (oclif/core issue 1423). */
  protected override catch(error: Interfaces.CommandError): Promise<void> {
    const known = Object.keys({...this.ctor.flags, ...this.ctor.baseFlags})
    const failure = toFailure(
      error,
      {command: `${this.config.bin} ${this.id ?? ''}`, flags: known},
      Boolean(process.env['DEBUG']),
    )
    process.exitCode = failure.exitCode
    if (this.jsonEnabled()) this.logJson(failureJson(failure))
    if (!this.jsonEnabled() || failure.stack !== undefined)
      this.terminal.err(failureText(failure, paintFor(this.terminal.colour.err)))
    return Promise.resolve()
  }

  async #typed(flags: FlagSet): Promise<Sources['typed']> {
    // Otherwise oclif warns that nothing was parsed when the parser refuses what was typed.
    this.parsed = true
    // Without defaults, what the parser returns is what was typed.
    const bare = Object.entries(flags).map(([name, flag]) => [name, {...flag, default: undefined}])
    const parsed = await this.parse({flags: Object.fromEntries(bare) as Interfaces.FlagInput, args: this.ctor.args})
    this.words = parsed.args
    return parsed.flags
  }

  async #settings(asked: string | undefined, flags: FlagSet): Promise<Settings> {
    const file = await configPath(asked)
    if (file === undefined) return new Map()
    const command = this.id ?? ''
    const commands = [command, ...this.config.commandIDs]
    return await readConfig(file, {
      command,
      commands,
      top: Object.keys(drillFlags),
      section: Object.keys(flags),
    })
  }
}

/** A value that makes no sense is refused when the flags are read. */
function jsonByEnvironment(): boolean {
  const name = environmentName('json')
  try {
    return yesOrNo(process.env[name] ?? 'no', name)
  } catch {
    return false
  }
}
