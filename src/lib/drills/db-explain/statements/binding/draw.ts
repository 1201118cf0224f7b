/** Draws sets of values for the parameters that meet one table, each set from one row, so that values which go together stay together. */
import type {Random} from '../../../../base/random.js'
import type {Session} from '../../../../protocols/postgres/session.js'
import {arrayText} from '../literals.js'
import {absentFor} from './absent.js'
import {commonIn, rowsWith, sample, type SampleRow} from './sample.js'
import {tokensOf} from './tokens.js'
import type {Source, Use} from './use.js'

const COMMON_SETS = 2
const TYPICAL_SETS = 3
/** A list as an application sends it. */
const LIST_LENGTH = 5
/** Windows are asked for at their end of the data, and ranges over as much of it. */
const WINDOW = 0.1

/** A value for each parameter that was asked for. */
export type Values = ReadonlyMap<number, string>

export interface Drawn {
  readonly common: readonly Values[]
  readonly typical: readonly Values[]
  readonly absent: readonly Values[]
}

export interface DrawOrder {
  readonly source: Source
  /** One for each parameter. */
  readonly uses: readonly Use[]
  /** Of all parameters of the query, from `$1` on. */
  readonly types: readonly string[]
}

/** Undefined when no row has a value for all of them. Rejects with the server's error. */
export async function draw(
  {source, uses, types}: DrawOrder,
  session: Session,
  random: Random,
): Promise<Drawn | undefined> {
  const rows = await sample({source, uses, seed: random.below(1_000_000)}, session)
  const table = new Drawer({source, uses, types}, rows, random)
  const typical = table.typical()
  const [first] = typical
  if (first === undefined) return undefined
  return {typical, common: await table.common(session), absent: table.absent(first)}
}

class Drawer {
  readonly #order: DrawOrder
  readonly #rows: readonly SampleRow[]
  readonly #random: Random
  /** Which of the uses bounds an open window of time; below 0 when none does. */
  readonly #windowed: number

  constructor(order: DrawOrder, rows: readonly SampleRow[], random: Random) {
    this.#order = order
    this.#rows = rows.filter((row) => order.uses.every((use, index) => this.#tokens(row, use, index).length > 0))
    this.#random = random
    this.#windowed = order.uses.findIndex(
      (use) => isWindow(use, this.#typeOf(use.parameter)) && !opposite(use, order.uses),
    )
  }

  typical(): readonly Values[] {
    const sorted = this.#sorted(this.#rows)
    const places = [...this.#within(sorted).keys()]
    const sets: Values[] = []
    while (sets.length < TYPICAL_SETS && places.length > 0) {
      const [place = 0] = places.splice(this.#random.below(places.length), 1)
      sets.push(this.#valuesOf(sorted, place))
    }
    return sets
  }

  /** The most common value of the first parameter that is compared with one, and what stands beside it. */
  async common(session: Session): Promise<readonly Values[]> {
    const index = this.#order.uses.findIndex(({shape}) => shape.kind !== 'bound')
    const anchor = this.#order.uses[index]
    if (anchor === undefined) return []
    const sets: Values[] = []
    for (const token of (await this.#mostCommon(anchor, index, session)).slice(0, COMMON_SETS)) {
      const having = this.#rows.filter((row) => this.#tokens(row, anchor, index).includes(token))
      const known = having.length > 0 || anchor.column === undefined ? having : await this.#ask(anchor, token, session)
      if (known.length === 0) continue
      const sorted = this.#sorted(known)
      const values = this.#valuesOf(sorted, this.#random.below(this.#within(sorted).length))
      sets.push(new Map([...values, [anchor.parameter, this.#whole(anchor, index, token)]]))
    }
    return sets
  }

  /** One expression that no row answers; the parameters of others stay as they are. */
  absent(typical: Values): readonly Values[] {
    const make = ({shape, parameter}: Use) => absentFor(shape, this.#typeOf(parameter), this.#random)
    for (const {shape, expression} of this.#order.uses) {
      // All of an IN list.
      const same = this.#order.uses.filter((use) => use.expression === expression && use.shape.kind === shape.kind)
      const values = same.flatMap((use) => {
        const value = make(use)
        return value === undefined ? [] : [[use.parameter, value] as const]
      })
      if (values.length === same.length) return [new Map([...typical, ...values])]
    }
    return []
  }

  async #mostCommon(use: Use, index: number, session: Session): Promise<readonly string[]> {
    const {shape, column} = use
    const isPlain = column !== undefined && (shape.kind === 'value' || shape.kind === 'list')
    const counted = isPlain ? await commonIn(this.#order.source, column, session) : []
    if (counted.length > 0) return counted
    const counts = new Map<string, number>()
    for (const row of this.#rows) {
      for (const token of new Set(this.#tokens(row, use, index))) counts.set(token, (counts.get(token) ?? 0) + 1)
    }
    const often = [...counts].filter(([, count]) => count > 1)
    return often.sort(([one, ones], [other, others]) => others - ones || (one < other ? -1 : 1)).map(([token]) => token)
  }

  async #ask(anchor: Use, value: string, session: Session): Promise<readonly SampleRow[]> {
    const {source, uses} = this.#order
    const rows = await rowsWith({source, uses, anchor, value}, session)
    return rows.filter((row) => uses.every((use, index) => this.#tokens(row, use, index).length > 0))
  }

  #tokens(row: SampleRow, {shape, parameter}: Use, index: number): readonly string[] {
    return tokensOf(row.values[index] ?? '', shape, this.#typeOf(parameter))
  }

  #typeOf(parameter: number): string {
    return this.#order.types[parameter - 1] ?? 'text'
  }

  /** Of the row at that place; a window begins a little behind it, so that it is inside. */
  #valuesOf(sorted: readonly SampleRow[], place: number): Values {
    const behind = place + 1 + this.#random.below(this.#within(sorted).length)
    return new Map(
      this.#order.uses.map((use, index) => {
        const row = sorted[index === this.#windowed ? Math.min(behind, sorted.length - 1) : place]
        return [use.parameter, row === undefined ? '' : this.#valueOf(row, use, index)]
      }),
    )
  }

  #valueOf(row: SampleRow, use: Use, index: number): string {
    if (use.shape.kind === 'value' && use.shape.turn > 0) return this.#another(index)
    if (use.shape.kind === 'bound' && use.shape.side === 'upper' && opposite(use, this.#order.uses)) {
      return this.#further(row, index)
    }
    const tokens = this.#tokens(row, use, index)
    return this.#whole(use, index, tokens[this.#random.below(tokens.length)] ?? '')
  }

  #whole({shape}: Use, index: number, token: string): string {
    if (shape.kind !== 'list') return token
    const others = Array.from({length: LIST_LENGTH - 1}, () => this.#another(index))
    return arrayText([...new Set([token, ...others])])
  }

  #another(index: number): string {
    return this.#rows[this.#random.below(this.#rows.length)]?.values[index] ?? ''
  }

  /** The value as much higher as a range is wide. */
  #further(row: SampleRow, index: number): string {
    const rank = (row.ranks[index] ?? 0) + Math.ceil(WINDOW * this.#rows.length)
    const higher = this.#rows.filter(({ranks}) => (ranks[index] ?? 0) >= rank)
    const pool = higher.length > 0 ? higher : this.#rows
    const step = higher.length > 0 ? 1 : -1
    const [found] = [...pool].sort((one, other) => step * ((one.ranks[index] ?? 0) - (other.ranks[index] ?? 0)))
    return found?.values[index] ?? ''
  }

  /** An open window ends where the data ends: what is nearest to that end comes first. */
  #sorted(rows: readonly SampleRow[]): readonly SampleRow[] {
    const index = this.#windowed
    const shape = this.#order.uses[index]?.shape
    if (shape?.kind !== 'bound') return rows
    const sign = shape.narrow === 'low' ? 1 : -1
    return [...rows].sort((one, other) => sign * ((one.ranks[index] ?? 0) - (other.ranks[index] ?? 0)))
  }

  #within(sorted: readonly SampleRow[]): readonly SampleRow[] {
    return this.#windowed < 0 ? sorted : sorted.slice(0, Math.max(TYPICAL_SETS, Math.ceil(WINDOW * sorted.length)))
  }
}

/** The other end of the same range. */
function opposite({parameter, expression, shape}: Use, uses: readonly Use[]): boolean {
  return uses.some(
    (other) =>
      other.parameter !== parameter &&
      other.expression === expression &&
      other.shape.kind === 'bound' &&
      shape.kind === 'bound' &&
      other.shape.side !== shape.side,
  )
}

/** Only time has an end at which people look. */
function isWindow({shape}: Use, type: string): boolean {
  if (shape.kind !== 'bound' || shape.narrow === undefined) return false
  return shape.narrow === 'low' || /^(date|timestamp)/.test(type)
}
