/** Who does which fault, inside the agent, and who undoes what a killed run has left; each is loaded when it is needed, with its client library. */
import {UsageError} from '../base/errors.js'
import type {FaultGround} from './fault.js'
import type {MakeInjector} from './injector.js'
import type {Undoing} from './journal/records.js'
import {NET_FAULTS} from './net/catalogue.js'

type Load<Loaded> = () => Promise<Loaded>

const LOADERS: Readonly<Record<string, Load<MakeInjector>>> = {
  'redis.disconnect': async () => (await import('./redis/disconnect.js')).redisDisconnect,
  'redis.kill': async () => (await import('./redis/kill.js')).redisKill,
  'redis.pause-write': async () => (await import('./redis/pause-write.js')).redisPauseWrite,
  'redis.max-clients': async () => (await import('./redis/max-clients.js')).redisMaxClients,
  'pg.disconnect': async () => (await import('./postgres/disconnect.js')).pgDisconnect,
  'pg.terminate': async () => (await import('./postgres/terminate.js')).pgTerminate,
  'pg.cancel': async () => (await import('./postgres/terminate.js')).pgCancel,
  'pg.lock-table': async () => (await import('./postgres/lock-table.js')).pgLockTable,
  'pg.exhaust': async () => (await import('./postgres/exhaust.js')).pgExhaust,
  'pg.read-only': async () => (await import('./postgres/read-only.js')).pgReadOnly,
  'pg.connection-limit': async () => (await import('./postgres/connection-limit.js')).pgConnectionLimit,
  'node.kill': async () => (await import('./node/kill.js')).nodeKill,
  'node.pause': async () => (await import('./node/pause.js')).nodePause,
  ...forEachNet(async () => (await import('./net/proxied.js')).netFault),
}

/** By name, of these faults. */
export async function loadInjectors(names: Iterable<string>): Promise<Readonly<Record<string, MakeInjector>>> {
  const loaded = Array.from(new Set(names), async (name) => {
    const load = LOADERS[name]
    if (load === undefined) throw new Error(`nobody knows how to inject ${name}`)
    return [name, await load()] as const
  })
  return Object.fromEntries(await Promise.all(loaded))
}

/** Undoes a fault by what its injector wrote down before. Throws when it cannot. */
type Undo = (undoing: Undoing, ground: FaultGround) => Promise<void>

/** Of the faults whose injectors write down what to undo. */
const UNDOERS: Readonly<Record<string, Load<Undo>>> = {
  'redis.max-clients': async () => onServer('redis', (await import('./redis/max-clients.js')).undoRedisMaxClients),
  'pg.read-only': async () => onServer('postgres', (await import('./postgres/read-only.js')).undoPgReadOnly),
  'pg.connection-limit': async () =>
    onServer('postgres', (await import('./postgres/connection-limit.js')).undoPgConnectionLimit),
  'node.kill': async () => (await import('./node/kill.js')).undoNodeKill,
  'node.pause': async () => (await import('./node/pause.js')).undoNodePause,
  ...forEachNet(async () => (await import('./net/proxied.js')).undoNetFault),
}

/** Undoes one fault from its journal. Throws when it cannot. */
export async function undo(name: string, undoing: Undoing, ground: FaultGround): Promise<void> {
  const load = UNDOERS[name]
  if (load === undefined) throw new Error(`nobody knows how to undo ${name}`)
  const undoIt = await load()
  await undoIt(undoing, ground)
}

function forEachNet<Loaded>(load: Load<Loaded>): Readonly<Record<string, Load<Loaded>>> {
  return Object.fromEntries(Object.keys(NET_FAULTS).map((name) => [name, load]))
}

function onServer(need: 'redis' | 'postgres', undoOne: (undoing: Undoing, url: string) => Promise<void>): Undo {
  return async (undoing, ground) => {
    const url = ground[need]
    if (url === undefined) throw new UsageError(`needs the URL of the ${need}`)
    await undoOne(undoing, url)
  }
}
