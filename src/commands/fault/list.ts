/** `proofload fault list`: flags and words. */
import {FaultCommand} from '../../lib/cli/fault/fault-command.js'
import {everywhereFlags} from '../../lib/cli/flags/common.js'

export default class FaultList extends FaultCommand {
  static override readonly summary = 'Show every fault: its class, its parameters, and the privilege that it needs.'
  static override readonly usage = 'fault list [FLAGS]'
  static override readonly examples = [
    {description: 'As a table', command: '<%= config.bin %> fault list'},
    {description: 'For a program', command: '<%= config.bin %> fault list --json'},
  ]

  async run(): Promise<unknown> {
    await this.resolve({}, everywhereFlags)
    return await this.list()
  }
}
