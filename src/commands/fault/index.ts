/** `proofload fault NAME`: flags and words. */
import {string} from '@oclif/core/args'
import {FaultCommand} from '../../lib/cli/fault/fault-command.js'
import {everywhereFlags} from '../../lib/cli/flags/common.js'
import {disturbFlags} from '../../lib/cli/flags/fault.js'

export default class Fault extends FaultCommand {
  static override readonly summary = 'Disturb one server, proxy or process for a while, and put it back.'
  static override readonly usage = 'fault NAME [FLAGS]'
  static override readonly description = [
    "Shows the server's identity and whom it would hit, injects, waits, reverts, and prints what was done. A process of its own injects and reverts, so that Ctrl-C, and even the end of this one, puts everything back at once.",
    'Every host must be allowed with --allow-host, this machine too, as a tunnel to production looks like it. What only we can put back needs --allow-sticky, and is written to a journal before: see proofload fault recover.',
    'Exit codes: 0 done and put back, 69 it could not be injected or not be put back, 2 wrong usage, a host that is not allowed, or another run that holds the server, 130 and 143 interrupted and put back, 1 a bug.',
  ].join('\n\n')
  static override readonly examples = [
    {
      description: 'Keep every client of a Redis off for ten seconds',
      command:
        '<%= config.bin %> fault redis.disconnect --target redis://127.0.0.1:6379 --for 10s --allow-host 127.0.0.1',
    },
    {
      description: 'Whom would it hit?',
      command:
        '<%= config.bin %> fault pg.terminate --target postgres://chaos@db.staging.example/chat --param application=chat --allow-host db.staging.example --dry-run',
    },
    {
      description: 'Freeze a process that the profile names',
      command:
        '<%= config.bin %> fault node.pause --profile proofload.yaml --param node=chat-1 --for 5s --allow-sticky',
    },
  ]
  static override readonly args = {
    name: string({description: 'The fault: see proofload fault list.', required: false}),
  }
  static override readonly flags = disturbFlags

  async run(): Promise<unknown> {
    return await this.disturb(await this.resolve(disturbFlags, everywhereFlags))
  }
}
