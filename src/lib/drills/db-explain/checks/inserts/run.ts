/** Inserts at a steady rate, whether the server keeps up or not. */
import type {Ms, PerSecond} from '../../../../base/units.js'
import {SECOND} from '../../../../base/units.js'
import {Histogram} from '../../../../metrics/histogram.js'
import {countOf, steady} from '../../../../pacing/steady.js'
import {connect, type Door} from '../../../../protocols/postgres/connect.js'
import type {Session} from '../../../../protocols/postgres/session.js'
import {reasonOf} from '../../../../protocols/postgres/trouble.js'
import type {CheckKit} from '../check.js'
import {timesOf, type Times} from '../times.js'
import {insertLike, type InsertMaker} from './template-row.js'

const RATE: PerSecond = 100
const LENGTH: Ms = 5 * SECOND
const SESSIONS = 8

export interface InsertsOrder {
  readonly door: Door
  /** As SQL writes them: `messages`, `app."Messages"`; the first that can take a row is taken. */
  readonly tables: readonly string[]
  /** The rows stay: the database is ours. Otherwise each is rolled back, and its commit is not measured. */
  readonly own: boolean
  readonly rate?: PerSecond
  readonly lengthMs?: Ms
}

export interface InsertsFacts {
  readonly trouble: string | undefined
  readonly table: string
  readonly kept: boolean
  readonly rate: PerSecond
  readonly due: number
  /** From when an insert was due. */
  readonly latency: Times
  /** From when it was sent. */
  readonly service: Times
  readonly failed: Readonly<Record<string, number>>
}

export async function runInserts(order: InsertsOrder, kit: CheckKit): Promise<InsertsFacts> {
  const first = await connect(order.door)
  const sessions = [first]
  try {
    const maker = await makerFor(first, order.tables)
    if (typeof maker === 'string') return factsOf(order, new Book(), {trouble: maker, table: ''})
    while (sessions.length < SESSIONS) sessions.push(await connect(order.door))
    kit.note({phase: 'checks', text: `inserts: into ${maker.table}`})
    const book = new Book()
    await spend(order, {sessions, maker, book}, kit)
    return factsOf(order, book, {trouble: undefined, table: maker.table})
  } finally {
    await Promise.all(sessions.map((session) => session.end()))
  }
}

class Book {
  readonly latency = new Histogram()
  readonly service = new Histogram()
  readonly failed: Record<string, number> = {}
  due = 0
}

async function makerFor(session: Session, tables: readonly string[]): Promise<InsertMaker | string> {
  const reasons: string[] = []
  for (const table of tables) {
    const maker = await insertLike(session, table)
    if (typeof maker !== 'string') return maker
    reasons.push(maker)
  }
  return reasons.length === 0 ? 'no table was named' : reasons.join('; ')
}

interface Crew {
  readonly sessions: readonly Session[]
  readonly maker: InsertMaker
  readonly book: Book
}

/** Each session takes the next insert that is due, and waits for it or is late for it. */
async function spend(order: InsertsOrder, {sessions, maker, book}: Crew, {clock, signal}: CheckKit): Promise<void> {
  const dues = steady(order.rate ?? RATE, order.lengthMs ?? LENGTH)[Symbol.iterator]()
  const start = clock.now()
  const work = async (session: Session): Promise<void> => {
    while (session.isOpen && !signal.aborted) {
      const next = dues.next()
      if (next.done === true) return
      const due = start + next.value
      const number = book.due++
      await clock.reach(due, signal)
      const sent = clock.now()
      const reason = await insert(session, maker, {number, own: order.own}).then(() => undefined, reasonOf)
      note(book, {due, sent, ended: clock.now(), reason})
      if (!order.own) await session.run('ROLLBACK').catch(() => undefined)
    }
  }
  await Promise.all(sessions.map(work))
}

/** Without its own transaction nothing is inserted where nothing may stay. */
async function insert(
  session: Session,
  {sql, values}: InsertMaker,
  {number, own}: {readonly number: number; readonly own: boolean},
): Promise<void> {
  if (!own) await session.run('BEGIN')
  await session.read(sql, values(number))
}

interface Done {
  readonly due: Ms
  readonly sent: Ms
  readonly ended: Ms
  /** Undefined: it was inserted. */
  readonly reason: string | undefined
}

function note(book: Book, {due, sent, ended, reason}: Done): void {
  if (reason === undefined) {
    book.latency.record(ended - due)
    book.service.record(ended - sent)
  } else book.failed[reason] = (book.failed[reason] ?? 0) + 1
}

function factsOf(order: InsertsOrder, book: Book, about: Pick<InsertsFacts, 'trouble' | 'table'>): InsertsFacts {
  const {latency, service, failed} = book
  const [rate, due] = [order.rate ?? RATE, countOf(order.rate ?? RATE, order.lengthMs ?? LENGTH)]
  return {...about, kept: order.own, rate, due, latency: timesOf(latency), service: timesOf(service), failed}
}
