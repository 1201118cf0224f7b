/** Starts the practice target: Redis and Postgres, the proxy before them, then its nodes; and ends all of it in reverse. */
import type {Ms} from '../../base/units.js'
import type {FaultGround} from '../../faults/fault.js'
import {startPostgres} from '../embedded/postgres.js'
import {startRedis} from '../embedded/redis.js'
import type {Target} from '../target.js'
import {asTarget} from './as-target.js'
import type {DefectSpec} from './defects/parse-defect.js'
import {IDLE_MS, ROOM_CAP} from './limits.js'
import {createShards} from './create-shards.js'
import {openLinks, type Links, type Services} from './links.js'
import {Losses} from './losses.js'
import {Nodes, type Loss} from './nodes.js'
import {Undo} from './undo.js'

export interface PracticeOptions {
  /** Node processes, each with a port of its own; at least 1. */
  readonly nodes: number
  readonly defects?: readonly DefectSpec[]
  /** Members that a room may have on all nodes together; 1,000. */
  readonly roomCap?: number
  /** How long a connection may be silent both ways before it is closed; 300 s. */
  readonly idleMs?: Ms
  /** Makes the defects' choices repeatable. */
  readonly seed?: string
  /** `fallback`: our own Redis even where a real one is on PATH. */
  readonly redis?: 'any' | 'fallback'
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal
  /** Told what is being done, for the progress line. */
  readonly note?: (text: string) => void
}

export interface PracticeTarget extends AsyncDisposable {
  readonly target: Target
  /** One line each for the report, without secrets. */
  readonly services: {readonly redis: string; readonly postgres: string}
  /** Past the proxy, as is `postgresUrl`. */
  readonly redisUrl: string
  /** Carries a password. */
  readonly postgresUrl: string
  /** The databases that keep the messages, one for each shard, past the proxy as well; the first is that of `postgresUrl`. */
  readonly stores: readonly string[]
  readonly nodes: readonly {readonly url: string; readonly pid: number}[]
  /** Where faults act, as of now: a node that was started again has another pid. Carries passwords. */
  readonly ground: FaultGround
  /** Called for each part that ends unasked; a node is started again. */
  onLoss(listener: (loss: Loss) => void): void
  /** Replaces the defects of every node; an empty list makes the target good again. */
  setDefects(defects: readonly DefectSpec[], seed?: string): Promise<void>
}

const DEFAULT_SEED = 'practice'

/**
 * Starts the practice target; takes about three seconds, most of them for Postgres.
 * @throws Error when a part does not start; what had started is stopped by then. The signal's reason when it aborts.
 */
export async function startPractice(options: PracticeOptions): Promise<PracticeTarget> {
  const undo = new Undo()
  try {
    return await start(options, undo)
  } catch (error) {
    await undo[Symbol.asyncDispose]().catch(() => undefined)
    throw error
  }
}

async function start(options: PracticeOptions, undo: Undo): Promise<PracticeTarget> {
  const {signal, note, seed: usualSeed = DEFAULT_SEED} = options
  const {redis, postgres} = await startServices(options, undo)
  signal?.throwIfAborted()
  const stores = await createShards(postgres)
  const links = await undo.use(openLinks({redis, postgres}, stores))
  note?.(`starting ${options.nodes} practice nodes`)
  const losses = new Losses()
  void links.died.then((why) => losses.tell({part: 'the fault proxy of the practice target', why, again: false}))
  const nodes = await startNodes(options, undo, {links, losses})
  const services = {redis: redis.describe(), postgres: postgres.describe()}
  const urls = nodes.running.map(({url}) => url)
  return {
    target: await asTarget({urls, services: [services.redis, services.postgres], stores}),
    services,
    redisUrl: redis.url,
    postgresUrl: postgres.url,
    stores,
    get nodes() {
      return nodes.running.map(({url, pid}) => ({url, pid}))
    },
    get ground() {
      return groundOf({redis, postgres}, links, nodes)
    },
    onLoss: (listener) => losses.listen(listener),
    setDefects: (specs, seed = usualSeed) => nodes.setDefects({specs, seed}),
    [Symbol.asyncDispose]: () => undo[Symbol.asyncDispose](),
  }
}

async function startServices(options: PracticeOptions, undo: Undo): Promise<Services> {
  options.signal?.throwIfAborted()
  options.note?.('starting Redis and Postgres')
  const redis = startRedis({prefer: options.redis === 'fallback' ? 'fallback' : 'real'})
  const postgres = startPostgres()
  await undo.useAll<AsyncDisposable>([redis, postgres])
  return {redis: await redis, postgres: await postgres}
}

function startNodes(
  options: PracticeOptions,
  undo: Undo,
  {links, losses}: {links: Links; losses: Losses},
): Promise<Nodes> {
  const {nodes, defects = [], seed = DEFAULT_SEED, signal, roomCap = ROOM_CAP, idleMs = IDLE_MS} = options
  const {redisUrl, storeUrls} = links
  const common = {redisUrl, storeUrls, roomCap, idleMs}
  const lost = (loss: Loss): void => losses.tell(loss)
  return Nodes.start({count: nodes, common, defects: {specs: defects, seed}, signal, lost}, undo)
}

function groundOf({redis, postgres}: Services, {api}: Links, nodes: Nodes): FaultGround {
  return {
    redis: redis.url,
    postgres: postgres.adminUrl,
    proxies: {redis: {api}, postgres: {api}},
    nodes: nodes.running.map(({pid}, index) => ({name: `node-${index + 1}`, pid})),
  }
}
