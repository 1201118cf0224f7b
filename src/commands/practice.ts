/** `proofload practice`: flags and words. */
import {practiceFlags, sessionFlags} from '../lib/cli/flags/practice.js'
import {SessionCommand} from '../lib/cli/session-command.js'

export default class Practice extends SessionCommand {
  static override readonly summary = 'Run the practice target alone, until Ctrl-C, and print it as a ready profile.'
  static override readonly usage = 'practice [FLAGS]'
  static override readonly description = [
    'The practice target is a small but real chat backend: Node processes with a port each, rooms over Redis, messages in Postgres. It needs nothing installed. The profile goes to stdout, everything else to stderr.',
    'With --defect it is wrong in one precise way, so that you can see a drill catch it: lose-deliveries, duplicate-deliveries, reorder-deliveries, wrong-room, stall-output, refuse-handshakes, deaf-node, close-connections, no-room-cap, ungraceful-cap, zombie-member, never-idle-close, close-receivers; and, seen only with a fault, never-resubscribe, drop-during-outage, crash-on-redis-loss, herd-reconnect, false-success.',
  ].join('\n\n')
  static override readonly examples = [
    {
      description: 'Keep it running in one terminal, and put it under load from another',
      command: '<%= config.bin %> <%= command.id %> > practice.yaml',
    },
    {description: 'The load', command: '<%= config.bin %> ws-flood --profile practice.yaml --connections 1000'},
    {
      description: 'Three nodes, one of them deaf',
      command: '<%= config.bin %> <%= command.id %> --nodes 3 --defect deaf-node=1',
    },
  ]
  static override readonly flags = practiceFlags

  async run(): Promise<void> {
    const flags = await this.resolve(practiceFlags, sessionFlags)
    const {runPractice} = await import('../lib/cli/practice-session.js')
    await this.hold(flags.quiet, (ground) => runPractice({...flags, defects: flags.defect}, ground))
  }
}
