/** `proofload proxy`: flags and words. */
import {sessionFlags} from '../lib/cli/flags/practice.js'
import {proxyFlags} from '../lib/cli/flags/proxy.js'
import {SessionCommand} from '../lib/cli/session-command.js'

export default class Proxy extends SessionCommand {
  static override readonly summary = 'Run fault proxies in front of your own services, until Ctrl-C.'
  static override readonly usage = 'proxy --proxy NAME=HOST:PORT [FLAGS]'
  static override readonly description = [
    'A proxy stands between your backend and its Redis, its database or anything else that speaks TCP, and can disturb that link: latency, bandwidth, cuts, resets, black holes, or being down. It needs no rights on the server behind it. Faults named net.* use it, and so does every client of Toxiproxy, whose API it speaks.',
    'Let the backend connect to the proxies, and put the section that is printed on stdout into your profile. Everything else goes to stderr.',
  ].join('\n\n')
  static override readonly examples = [
    {
      description: 'In front of a Redis and a Postgres of this machine',
      command: '<%= config.bin %> <%= command.id %> --proxy redis=127.0.0.1:6379 --proxy postgres=127.0.0.1:5432',
    },
    {
      description: 'On a port that the backend is set to already',
      command:
        '<%= config.bin %> <%= command.id %> --proxy redis=127.0.0.1:6379 --listen redis=127.0.0.1:22379 --api 127.0.0.1:22474',
    },
    {
      description: 'In front of a database elsewhere',
      command: '<%= config.bin %> <%= command.id %> --proxy postgres=10.0.0.5:5432 --allow-host 10.0.0.5',
    },
  ]
  static override readonly flags = proxyFlags
  protected override readonly meaning = 'ending the proxies'

  async run(): Promise<void> {
    const flags = await this.resolve(proxyFlags, sessionFlags)
    const {runProxies} = await import('../lib/cli/proxy-session.js')
    await this.hold(flags.quiet, (ground) => runProxies(flags, ground))
  }
}
