/** The process of one practice node: starts on a message, ends on another or when the starter is gone. */
import type {Server} from 'node:http'
import {HostClock, type Clock} from '../../base/clock.js'
import {seededRandom} from '../../base/random.js'
import type {BusEvents} from './bus.js'
import {ChatNode} from './chat-node.js'
import {parseDefect} from './defects/parse-defect.js'
import type {FromNode, NodeConfig, ToNode} from './node-messages.js'
import {connectPostgresStore} from './postgres-store.js'
import {connectRedisBus} from './redis-bus.js'
import {listen} from './server.js'
import {Shards} from './shards.js'

/** How long a tidy end may take before the process ends anyway. */
const TIDY_END_MS = 3000

interface Running {
  readonly shards: Shards
  readonly node: ChatNode
  readonly server: Server
}

const clock = new HostClock()

let running: Promise<Running> | undefined
let ending = false

async function start(config: NodeConfig): Promise<Running> {
  const {index, nodes, roomCap, idleMs} = config
  const shards = await openShards(config, clock)
  const random = seededRandom(`${config.seed} links ${index}`)
  const connectBus = (events: BusEvents) => connectRedisBus(config.redisUrl, events, random)
  const node = await ChatNode.open({index, nodes, shards, clock, roomCap, idleMs, random, crash, connectBus})
  await node.setDefects(config.defects.map(parseDefect), config.seed)
  const server = await listen(node, config.port)
  return {shards, node, server}
}

async function openShards({storeUrls, seed, index}: NodeConfig, clock: Clock): Promise<Shards> {
  const random = seededRandom(`${seed} shards ${index}`)
  const opening = storeUrls.map((url, shard) => {
    return connectPostgresStore(url, {place: {shard, of: storeUrls.length}, clock, random: random.fork(String(shard))})
  })
  return new Shards(await Promise.all(opening))
}

/** Closes the port first, so that nobody new comes while the rest is ended. */
async function stop({shards, node, server}: Running): Promise<void> {
  server.close()
  node.close()
  server.closeAllConnections()
  node.bus.close()
  await Promise.all(shards.all.map((store) => store.close()))
}

function end(): void {
  if (ending) return
  ending = true
  // eslint-disable-next-line no-restricted-properties -- The starter may be gone and Postgres dumb: nothing of ours may stay behind.
  setTimeout(() => process.exit(), TIDY_END_MS).unref()
  if (process.connected) process.disconnect()
  void running?.then(stop).catch(() => undefined)
}

/** What it says goes into the report of its death. */
function crash(why: string): void {
  process.stderr.write(`${why}\n`, () => {
    // eslint-disable-next-line no-restricted-properties -- A defect: the process shall end as one with a bug does.
    process.exit(1)
  })
}

function tell(message: FromNode): void {
  if (process.connected) process.send?.(message)
}

process.on('message', (message: ToNode) => {
  if (message.type === 'stop') return end()
  running = start(message.config)
  running.then(
    () => tell({type: 'ready'}),
    (error: unknown) => {
      tell({type: 'failed', why: error instanceof Error ? error.message : String(error)})
      end()
    },
  )
})
process.on('disconnect', end)
process.on('SIGTERM', end)
// A terminal's Ctrl-C is for the starter, which ends us in its own order.
process.on('SIGINT', () => undefined)
