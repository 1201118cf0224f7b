/** Tries pools of growing size with all of their connections busy. */
import type {Ms, PerSecond} from '../../../../base/units.js'
import {connect, type Door} from '../../../../protocols/postgres/connect.js'
import type {Session} from '../../../../protocols/postgres/session.js'
import {reasonOf} from '../../../../protocols/postgres/trouble.js'
import {Histogram} from '../../../../metrics/histogram.js'
import type {BoundQuery} from '../../query.js'
import type {CheckKit} from '../check.js'
import {queryMix, type Draw} from '../query-mix.js'
import {timesOf, type Times} from '../times.js'
import {sizesFor, type Room} from './sizes.js'

const WARM_UP: Ms = 100
const SIZE_TAKES: Ms = 500

export interface PoolOrder {
  readonly door: Door
  /** Of the server's machine, as far as it is known. */
  readonly cores: number
  readonly queries: readonly BoundQuery[]
  /** For each size, after a short warm-up. */
  readonly sizeTakesMs?: Ms
}

export interface SizeFacts {
  readonly size: number
  readonly throughput: PerSecond
  readonly p95: Ms
  readonly times: Times
  /** Queries that failed, by reason. */
  readonly failed: Readonly<Record<string, number>>
}

export interface PoolFacts {
  /** Why the pool was not tried, or not further. */
  readonly trouble: string | undefined
  readonly room: Room
  readonly sizes: readonly SizeFacts[]
}

const ROOM = `
  SELECT greatest(0, current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true), '0')::int) AS allowed,
         (SELECT count(*)::int - 1 FROM pg_stat_activity WHERE backend_type = 'client backend') AS others`

export async function runPool(
  {door, cores, queries, sizeTakesMs = SIZE_TAKES}: PoolOrder,
  kit: CheckKit,
): Promise<PoolFacts> {
  const first = await connect(door)
  const sessions = [first]
  const draw = queryMix(queries, kit.random.fork('pool'))
  const sizes: SizeFacts[] = []
  let room: Room = {allowed: 0, others: 0}
  try {
    room = await roomOf(first)
    const wanted = sizesFor(cores, room)
    if (draw === undefined) return {trouble: 'no query can be run', room, sizes}
    for (const size of wanted) {
      if (kit.signal.aborted) break
      kit.note({phase: 'checks', text: `pool: ${size} connections`})
      while (sessions.length < size) sessions.push(await connect(door))
      sizes.push(await trySize(sessions.slice(0, size), {draw, takesMs: sizeTakesMs}, kit))
    }
    return {trouble: wanted.length === 0 ? fullOf(room) : undefined, room, sizes}
  } catch (error) {
    return {trouble: `a further connection was not to be had: ${reasonOf(error)}`, room, sizes}
  } finally {
    await Promise.all(sessions.map((session) => session.end()))
  }
}

async function roomOf(session: Session): Promise<Room> {
  const [room] = await session.ask<Room>(ROOM)
  return room ?? {allowed: 0, others: 0}
}

function fullOf({allowed, others}: Room): string {
  return `${others} of ${allowed} connections of the server are taken, and there is no room to try`
}

interface Effort {
  readonly draw: Draw
  readonly takesMs: Ms
}

async function trySize(sessions: readonly Session[], {draw, takesMs}: Effort, kit: CheckKit): Promise<SizeFacts> {
  const {clock, signal} = kit
  const histogram = new Histogram()
  const failed: Record<string, number> = {}
  const from = clock.now() + WARM_UP
  const until = from + takesMs
  const serve = async (session: Session): Promise<void> => {
    while (clock.now() < until && session.isOpen && !signal.aborted) {
      const begun = clock.now()
      const {sql, values} = draw()
      const reason = await session.read(sql, values).then(() => undefined, reasonOf)
      const ended = clock.now()
      if (reason !== undefined) failed[reason] = (failed[reason] ?? 0) + 1
      else if (ended >= from && ended < until) histogram.record(ended - begun)
    }
  }
  await Promise.all(sessions.map(serve))
  const times = timesOf(histogram)
  return {size: sessions.length, throughput: (times.count * 1000) / takesMs, p95: times.p95, times, failed}
}
