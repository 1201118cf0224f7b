/** Starts the practice database: Postgres with a chat's data that lacks its indexes, and Redis beside it; and ends both. */
import {totalmem} from 'node:os'
import {formatCount} from '../../../base/format-units.js'
import type {Bytes} from '../../../base/units.js'
import type {FaultGround} from '../../../faults/fault.js'
import {connect, doorOf} from '../../../protocols/postgres/connect.js'
import {startPostgres, type PostgresService} from '../../embedded/postgres.js'
import {startRedis, type RedisService} from '../../embedded/redis.js'
import {practiceProfile} from '../../profile/load-profile.js'
import {checkHosts} from '../../safety/allow-list.js'
import type {Target} from '../../target.js'
import type {DefectSpec} from '../defects/parse-defect.js'
import {Losses} from '../losses.js'
import type {Loss} from '../nodes.js'
import {Undo} from '../undo.js'
import {effectsOf, type Effect} from './effects.js'
import {furnish, type Workload} from './furnish.js'
import {startForgetlessRedis} from './forgetless-redis.js'
import {loadChat} from './load.js'
import {laboratorySettings} from './settings.js'

/** What one message takes with everything that is loaded beside it, without the indexes that are to come. */
const BYTES_A_MESSAGE: Bytes = 384

export interface PracticeDatabaseOptions {
  /** Messages; a thousand or more. */
  readonly rows: number
  readonly seed: string
  readonly defects?: readonly DefectSpec[]
  /** `fallback`: our own Redis even where a real one is on PATH. */
  readonly redis?: 'any' | 'fallback'
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal | undefined
  /** Told what is being done, for the progress line. */
  readonly note?: ((text: string) => void) | undefined
}

export interface PracticeDatabase extends Workload, AsyncDisposable {
  /** Its one URL is that of the database's owner, who is no superuser. */
  readonly target: Target
  /** The same database as the superuser. */
  readonly adminUrl: string
  readonly redisUrl: string
  /** One line each for the report, without secrets. */
  readonly services: {readonly redis: string; readonly postgres: string}
  readonly ground: FaultGround
  /** Called when Postgres ends unasked. */
  onLoss(listener: (loss: Loss) => void): void
}

/**
 * Starts and loads it: fifteen seconds for a million messages.
 * @throws Error when a part does not start; what had started is stopped by then. The signal's reason when it aborts.
 */
export async function startPracticeDatabase(options: PracticeDatabaseOptions): Promise<PracticeDatabase> {
  const undo = new Undo()
  try {
    return await start(options, undo)
  } catch (error) {
    await undo[Symbol.asyncDispose]().catch(() => undefined)
    throw error
  }
}

async function start(options: PracticeDatabaseOptions, undo: Undo): Promise<PracticeDatabase> {
  const {rows, signal, note} = options
  const effects = effectsOf(options.defects ?? [])
  const {postgres, redis} = await startServices(options, effects, undo)
  const {url, adminUrl} = postgres
  await loadChat({url, adminUrl, rows, seed: options.seed, signal, note})
  const workload = await furnish({url, adminUrl, effects, signal})
  const redisUrl = await redisOf(redis, {effects, seed: options.seed}, undo)
  const losses = await watched(postgres, undo)
  const services = {redis: redis.describe(), postgres: postgres.describe()}
  return {
    target: await targetAt(url, `practice database, ${formatCount(rows)} messages, ${services.postgres}`),
    adminUrl,
    redisUrl,
    ...workload,
    services,
    ground: {redis: redis.url, postgres: adminUrl, proxies: {}, nodes: []},
    onLoss: (listener) => losses.listen(listener),
    [Symbol.asyncDispose]: () => undo[Symbol.asyncDispose](),
  }
}

async function startServices(
  {rows, redis: prefer, signal, note}: PracticeDatabaseOptions,
  effects: readonly Effect[],
  undo: Undo,
) {
  signal?.throwIfAborted()
  note?.('starting Postgres and Redis')
  const usual = laboratorySettings({data: rows * BYTES_A_MESSAGE, machineMemory: totalmem()})
  const settings = Object.assign({}, usual, ...effects.map((effect) => effect.settings)) as Record<string, string>
  const postgres = startPostgres({settings})
  const redis = startRedis({prefer: prefer === 'fallback' ? 'fallback' : 'real'})
  await undo.useAll<AsyncDisposable>([postgres, redis])
  return {postgres: await postgres, redis: await redis}
}

async function redisOf(
  redis: RedisService,
  {effects, seed}: {readonly effects: readonly Effect[]; readonly seed: string},
  undo: Undo,
): Promise<string> {
  const [keptKeys] = effects.flatMap((effect) => effect.keptKeys ?? [])
  if (keptKeys === undefined) return redis.url
  const relay = await undo.use(startForgetlessRedis(redis.url, keptKeys, seed))
  return relay.url
}

/** A session of ours ends when the server does. */
async function watched({adminUrl}: PostgresService, undo: Undo): Promise<Losses> {
  const losses = new Losses()
  const session = await connect(doorOf(adminUrl, {tls: {insecure: false}, timeoutMs: 10_000}))
  let asked = false
  void session.ended.then((why) => {
    if (!asked) losses.tell({part: 'the practice database', why, again: false})
  })
  await undo.use(
    Promise.resolve({
      [Symbol.asyncDispose]: () => {
        asked = true
        return session.end()
      },
    }),
  )
  return losses
}

async function targetAt(url: string, description: string): Promise<Target> {
  return {
    kind: 'practice',
    description,
    urls: [url],
    profile: await practiceProfile(),
    headers: {},
    tls: {insecure: false},
    allowed: await checkHosts([url], {allowHosts: [], allowProduction: false}),
  }
}
