/** `proofload fault recover`: flags and words. */
import {FaultCommand} from '../../lib/cli/fault/fault-command.js'
import {everywhereFlags} from '../../lib/cli/flags/common.js'
import {recoverFlags} from '../../lib/cli/flags/fault.js'

export default class FaultRecover extends FaultCommand {
  static override readonly summary = 'List what a killed run left behind, and put it back.'
  static override readonly usage = 'fault recover [FLAGS]'
  static override readonly description = [
    'Reads the journals of runs that never ended and reverts what stands in them. Passwords are in no journal, so name the server with --redis, --postgres or --profile. Journals lie in $PROOFLOAD_STATE, else in proofload below $XDG_STATE_HOME or ~/.local/state.',
    'Exit codes: 0 nothing is left, 2 something is left and the server or node was not named, 69 something could not be put back.',
  ].join('\n\n')
  static override readonly examples = [
    {description: 'Is anything left?', command: '<%= config.bin %> fault recover'},
    {
      description: 'Put a Redis right',
      command: '<%= config.bin %> fault recover --redis redis://127.0.0.1:6379',
    },
  ]
  static override readonly flags = recoverFlags

  async run(): Promise<unknown> {
    return await this.recover(await this.resolve(recoverFlags, everywhereFlags))
  }
}
