/** Starts the practice target: Redis and Postgres, then its nodes; and ends all of it in reverse. */
import {request} from 'undici'
import type {Ms} from '../../base/units.js'
import {freePort} from '../embedded/ports.js'
import {startPostgres} from '../embedded/postgres.js'
import {startRedis} from '../embedded/redis.js'
import {httpUrlOf} from '../profile/url.js'
import type {Target} from '../target.js'
import {asTarget} from './as-target.js'
import {formatDefect, typedDefect, type DefectSpec} from './defects/parse-defect.js'
import {IDLE_MS, ROOM_CAP} from './limits.js'
import {startNode, type Death, type NodeProcess} from './node-process.js'
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
  readonly redisUrl: string
  /** Carries a password. */
  readonly postgresUrl: string
  readonly nodes: readonly {readonly url: string; readonly pid: number}[]
  /** Resolves when a node ends unasked; stays pending otherwise. */
  readonly died: Promise<Death>
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
  const {redis, postgres} = await startServices(options, undo)
  options.signal?.throwIfAborted()
  options.note?.(`starting ${options.nodes} practice nodes`)
  const nodes = await startNodes(options, undo, {redisUrl: redis.url, postgresUrl: postgres.url})
  const urls = nodes.map((node) => node.url)
  const services = {redis: redis.describe(), postgres: postgres.describe()}
  return {
    target: await asTarget(urls, [services.redis, services.postgres]),
    services,
    redisUrl: redis.url,
    postgresUrl: postgres.url,
    nodes: nodes.map(({url, pid}) => ({url, pid})),
    died: Promise.race(nodes.map((node) => node.died)),
    setDefects: async (defects, seed = options.seed ?? DEFAULT_SEED) => {
      await Promise.all(urls.map((url) => putDefects(url, defects, seed)))
    },
    [Symbol.asyncDispose]: () => undo[Symbol.asyncDispose](),
  }
}

async function startServices(options: PracticeOptions, undo: Undo) {
  options.signal?.throwIfAborted()
  options.note?.('starting Redis and Postgres')
  const redis = startRedis({prefer: options.redis === 'fallback' ? 'fallback' : 'real'})
  const postgres = startPostgres()
  await undo.useAll<AsyncDisposable>([redis, postgres])
  return {redis: await redis, postgres: await postgres}
}

interface Links {
  readonly redisUrl: string
  readonly postgresUrl: string
}

async function startNodes(options: PracticeOptions, undo: Undo, links: Links): Promise<NodeProcess[]> {
  const {nodes, defects = [], seed = DEFAULT_SEED, signal, roomCap = ROOM_CAP, idleMs = IDLE_MS} = options
  const common = {...links, defects: defects.map(formatDefect), seed, roomCap, idleMs}
  const ports = await freePorts(nodes)
  return undo.useAll(ports.map((port, index) => startNode({index, port, ...common}, signal)))
}

/** Different ones, though none is taken yet. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}

async function putDefects(url: string, defects: readonly DefectSpec[], seed: string): Promise<void> {
  const {statusCode, body} = await request(`${httpUrlOf(url)}/defects`, {
    method: 'PUT',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify({defects: defects.map(typedDefect), seed}),
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
  })
  const answer = await body.text()
  if (statusCode !== 200) throw new Error(`${url} did not take the defects: ${answer}`)
}
