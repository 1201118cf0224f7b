/** Reads back what a shard keeps of some rooms: page by page, each behind the last row of the one before, so that a lost connection costs one page. */
import type {Clock} from '../../base/clock.js'
import {fullJitter, type Random} from '../../base/random.js'
import type {Bytes} from '../../base/units.js'
import type {Range} from '../messaging/layout.js'
import {connect, type Door} from './connect.js'
import type {Session} from './session.js'
import {pageSql} from './table.js'
import {unusable} from './trouble.js'

/** A page is cut to about this many bytes by the mean size of the rows before. */
const PAGE_BYTES: Bytes = 4 * 1024 ** 2
const PAGE_ROWS = {first: 100, most: 5000} as const
/** In a row; each page that comes gives all of them back. */
const TRIES = 8
const RETRY = {baseMs: 100, capMs: 2000} as const

interface Row {
  readonly room: number
  /** A bigint, as text. */
  readonly id: string
  readonly body: string
}

export interface ReadOrder {
  readonly door: Door
  readonly run: string
  readonly rooms: Range
  readonly clock: Clock
  readonly random: Random
  row(room: number, text: Buffer): void
}

/** Rejects with a TargetError when the shard stays away. */
export async function readBack(order: ReadOrder): Promise<void> {
  const reader = new Reader(order)
  try {
    while (await reader.page());
  } finally {
    await reader.close()
  }
}

class Reader {
  #session: Session | undefined
  #room: number
  #id = '0'
  #rows = 0
  #bytes: Bytes = 0

  constructor(private readonly order: ReadOrder) {
    this.#room = order.rooms.first
  }

  /** False: that was the last one. */
  async page(): Promise<boolean> {
    const limit = this.#limit
    const rows = await this.#ask([this.#room, this.#id, this.order.rooms.end, limit])
    for (const {room, body} of rows) {
      this.#bytes += body.length
      this.order.row(room, Buffer.from(body, 'latin1'))
    }
    this.#rows += rows.length
    const last = rows.at(-1)
    if (last === undefined || rows.length < limit) return false
    this.#room = last.room
    this.#id = last.id
    return true
  }

  async close(): Promise<void> {
    await this.#session?.end()
  }

  get #limit(): number {
    if (this.#rows === 0) return PAGE_ROWS.first
    const mean = Math.max(1, this.#bytes / this.#rows)
    return Math.max(1, Math.min(PAGE_ROWS.most, Math.floor(PAGE_BYTES / mean)))
  }

  async #ask(values: readonly unknown[]): Promise<readonly Row[]> {
    const {door, run, clock, random} = this.order
    for (let attempt = 0; ; attempt++) {
      try {
        if (this.#session?.isOpen !== true) this.#session = await connect(door)
        return await this.#session.ask<Row>(pageSql(run), values)
      } catch (error) {
        if (attempt + 1 >= TRIES) throw unusable(door.place, error)
        await clock.sleep(fullJitter({attempt, ...RETRY}, random))
      }
    }
  }
}
