/** `proofload msg-throughput`: flags and words. */
import {DrillCommand} from '../lib/cli/drill-command.js'
import {msgThroughputFlags, toMsgThroughputInput} from '../lib/cli/flags/msg-throughput.js'

export default class MsgThroughput extends DrillCommand {
  static override readonly summary =
    'Carry a steady rate of messages through a chat, Redis, RabbitMQ or Postgres, and prove that not one is lost.'
  static override readonly usage = 'msg-throughput [FLAGS]'
  static override readonly description = [
    'Publishes evenly paced messages through one --transport, consumes them on the other side, and keeps a ledger: every accepted message comes out once at each seat, in the order of its sender. Judges the rate that came out, the latency of publishing and of delivery, both counted from when a message was due, and whether a backlog grew.',
    'With --find-max it searches for the highest rate at which every threshold holds. With --archive-check everything that was accepted must also be found in the archive. --fault breaks Redis, Postgres, a node or a link meanwhile. What it makes (queues, streams, tables) carries proofload and the run in its name, and is removed when the run ends.',
    'Without --target it starts a practice target of its own. Every flag can also be set by the environment (PROOFLOAD_RATE=20000/s; several values one a line) or in proofload.config.yaml; the order is default < file < environment < flag.',
    'Exit codes: 0 every threshold held, 99 one was broken, 98 inconclusive, 2 wrong usage, 69 the target cannot be used, 130 and 143 interrupted, 1 a bug.',
  ].join('\n\n')
  static override readonly examples = [
    {
      description: '10,000 messages a second through the practice target',
      command: '<%= config.bin %> <%= command.id %>',
    },
    {
      description: 'The highest rate that it carries',
      command: '<%= config.bin %> <%= command.id %> --find-max',
    },
    {
      description: 'Redis streams with three consumer groups',
      command:
        '<%= config.bin %> <%= command.id %> --transport redis-stream --target redis://127.0.0.1:6379 --rooms 8 --fanout 3',
    },
    {
      description: 'Inserts into a table that is partitioned by time',
      command: '<%= config.bin %> <%= command.id %> --transport postgres --partitions 4',
    },
    {
      description: 'Take Redis away for three seconds meanwhile',
      command: "<%= config.bin %> <%= command.id %> --rate 2000/s --fault 'redis.disconnect at 10s for 3s'",
    },
  ]
  static override readonly flags = msgThroughputFlags

  async run(): Promise<unknown> {
    return await this.conduct(msgThroughputFlags, async () => {
      const [{msgThroughput}, {transports}] = await Promise.all([
        import('../lib/drills/msg-throughput/index.js'),
        import('../lib/drills/msg-throughput/transports.js'),
      ])
      const kind = ({transport}: {transport: keyof typeof transports}) => {
        const {reach} = transports[transport]
        return reach === 'chat' ? 'websocket' : reach
      }
      return {drill: msgThroughput, kind, toInput: toMsgThroughputInput}
    })
  }
}
