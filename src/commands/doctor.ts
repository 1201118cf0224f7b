/** `proofload doctor`: flags and words. */
import {DoctorCommand} from '../lib/cli/doctor/doctor-command.js'
import {everywhereFlags} from '../lib/cli/flags/common.js'
import {doctorFlags} from '../lib/cli/flags/doctor.js'

export default class Doctor extends DoctorCommand {
  static override readonly summary =
    'Tell what plan this machine carries, whether a target can be used, and what to do where not.'
  static override readonly usage = 'doctor [FLAGS]'
  static override readonly description = [
    'Without --target and --profile it examines this machine alone: descriptors, ports, conntrack, memory, cores, queues, loopback addresses, and the servers that the practice target runs on; each with what it allows and the exact command that mends it. It starts nothing and changes nothing.',
    'With them it also asks each endpoint (DNS, TCP, TLS), gets credentials, enters a room of its own name with one user a node, sends ONE message and waits for its ack and for it to reach the others, reads the history, and greets the services of the profile. Where something does not fit, it shows the first frames that came beside what the protocol file waits for.',
    'Exit codes: 0 the plan fits (and the target can be used), 69 something of the target cannot be used, 99 this machine cannot carry the plan, 2 wrong usage or a host that is not allowed, 1 a bug.',
  ].join('\n\n')
  static override readonly examples = [
    {description: 'Does the usual plan fit here?', command: '<%= config.bin %> <%= command.id %>'},
    {description: 'Does a larger one?', command: '<%= config.bin %> <%= command.id %> --connections 200k'},
    {
      description: 'Is the profile right, and does everything answer?',
      command: '<%= config.bin %> <%= command.id %> --profile proofload.yaml --connections 20k',
    },
    {
      description: 'A server on this machine that speaks a protocol of your own',
      command: '<%= config.bin %> <%= command.id %> --target ws://localhost:8080 --protocol ./my-chat.yaml',
    },
  ]
  static override readonly flags = doctorFlags

  async run(): Promise<unknown> {
    return await this.examine(await this.resolve(doctorFlags, everywhereFlags))
  }
}
