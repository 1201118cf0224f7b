/** `proofload ws-flood`: flags and words. */
import {DrillCommand} from '../lib/cli/drill-command.js'
import {toWsFloodInput, wsFloodFlags} from '../lib/cli/flags/ws-flood.js'

export default class WsFlood extends DrillCommand {
  static override readonly summary =
    'Hold many WebSocket users in chat rooms and prove that every message reaches every member.'
  static override readonly usage = 'ws-flood [FLAGS]'
  static override readonly description = [
    'Opens the users at the given rate, spreads them over rooms, lets every room speak, drains, and judges that all users got in, that p99(delivery_latency) is below 100 ms, that no message was lost, duplicated, reordered or delivered to somebody else, that nobody was cut off, and that every user was due a message. Latency counts from when a message was due until each receiver has it.',
    "With --fault it breaks Redis, Postgres, a node or a link while the rooms speak, and judges that the target recovers within 30 s and keeps what it guarantees; 'proofload fault list' shows what can be broken. --stop-when ends the load as soon as a condition is true.",
    'Without --target it starts a practice target of its own. Every flag can also be set by the environment (PROOFLOAD_CONNECT_RATE=1000/s; several values one a line) or in proofload.config.yaml; the order is default < file < environment < flag.',
    'Exit codes: 0 every threshold held, 99 one was broken, 98 inconclusive, 2 wrong usage, 69 the target cannot be used, 130 and 143 interrupted, 1 a bug.',
  ].join('\n\n')
  static override readonly examples = [
    {description: '50,000 users against the practice target', command: '<%= config.bin %> <%= command.id %>'},
    {
      description: 'A staging system that a profile describes',
      command: '<%= config.bin %> <%= command.id %> --profile proofload.yaml --connections 20k',
    },
    {
      description: 'A threshold of your own, and a report for CI',
      command: "<%= config.bin %> <%= command.id %> -t 'messages_lost == 0' --out json=report.json",
    },
    {
      description: 'Take Redis away for three seconds while the rooms speak',
      command: "<%= config.bin %> <%= command.id %> --connections 2000 --fault 'redis.disconnect at 5s for 3s'",
    },
    {
      description: 'See it catch a target that loses messages',
      command: '<%= config.bin %> <%= command.id %> --connections 2000 --defect lose-deliveries',
    },
  ]
  static override readonly flags = wsFloodFlags

  async run(): Promise<unknown> {
    return await this.conduct(wsFloodFlags, async () => {
      const {wsFlood} = await import('../lib/drills/ws-flood/index.js')
      return {drill: wsFlood, kind: 'websocket', toInput: toWsFloodInput}
    })
  }
}
