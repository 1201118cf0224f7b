/** What the message store in Postgres cannot do, told before anything is sent. */
import {UsageError} from '../../base/errors.js'
import {exactDuration} from '../../base/format-units.js'
import {SECOND, type Ms} from '../../base/units.js'

/** As it was asked for; undefined where it was not. */
export interface PostgresAsked {
  readonly fanout?: number | undefined
  readonly consumers?: number | undefined
  readonly partitions?: number | undefined
  readonly durationMs: Ms
  /** One each shard. */
  readonly urls: readonly string[]
  /** A text as it will be published. */
  readonly sample?: string | undefined
}

/** A maker needs time to be ahead. */
const SHORTEST_PARTITION: Ms = SECOND

/** Throws a UsageError for what makes no sense with this transport. */
export function checkPostgres(asked: PostgresAsked): void {
  checkSeats(asked)
  checkShards(asked.urls)
  if (asked.partitions !== undefined) checkPartitions(asked.partitions, asked.durationMs)
  if (asked.sample?.includes('\0') === true) {
    throw new UsageError('the payload holds a zero byte, which a text column of Postgres does not take', {
      hint: 'give another --payload-file',
    })
  }
}

function checkSeats({fanout, consumers}: PostgresAsked): void {
  if (fanout !== undefined && fanout !== 1) {
    throw new UsageError(`--fanout ${fanout} makes no sense with the transport postgres: a row is stored once`, {
      hint: 'leave --fanout out',
    })
  }
  if (consumers !== undefined) {
    throw new UsageError('--consumers makes no sense with the transport postgres: rows are read back after the run', {
      hint: 'leave --consumers out',
    })
  }
}

function checkShards(urls: readonly string[]): void {
  const twice = urls.findIndex((url, index) => urls.indexOf(url) < index)
  if (twice < 0) return
  throw new UsageError(`shard ${twice + 1} has the same URL as shard ${urls.indexOf(urls[twice] ?? '') + 1}`, {
    hint: 'give each shard a database of its own',
  })
}

function checkPartitions(partitions: number, durationMs: Ms): void {
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw new UsageError(`--partitions ${partitions} is no number of partitions`, {
      hint: 'give a whole number from 1, or leave --partitions out for a table without any',
    })
  }
  if (durationMs / partitions >= SHORTEST_PARTITION) return
  throw new UsageError(
    `--partitions ${partitions} in ${exactDuration(durationMs)} leaves each less than ${exactDuration(SHORTEST_PARTITION)}`,
    {hint: `give at most ${Math.max(1, Math.floor(durationMs / SHORTEST_PARTITION))}, or a longer --duration`},
  )
}
