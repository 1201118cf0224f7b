/** Which share of a table a condition keeps, by the statistics. Pure; as Postgres' own eqsel does it, without histograms. */
import type {Condition} from '../conditions/condition.js'
import type {Statistics, TableFacts} from '../table-facts.js'

/** Undefined where the statistics do not tell: ranges, patterns, tables without ANALYZE. */
export function shareOf(condition: Condition, facts: TableFacts): number | undefined {
  const [operand, ...others] = condition.operands
  if (operand === undefined || others.length > 0) return undefined
  const statistics = statisticsFor(operand.column, operand.sql, facts)
  if (statistics === undefined) return undefined
  const {nullShare} = statistics
  switch (condition.kind) {
    case 'null':
      return nullShare
    case 'not-null':
      return nullShare === undefined ? undefined : 1 - nullShare
    case 'equal':
    case 'flag':
      return ofValues(condition, statistics)
    case 'one-of':
      return ofValues(condition, statistics)
    default:
      return undefined
  }
}

/** Of all conditions, as if they had nothing to do with each other; those of which nothing is known keep everything. */
export function shareOfAll(conditions: readonly Condition[], facts: TableFacts): number {
  return conditions.reduce((share, condition) => share * (shareOf(condition, facts) ?? 1), 1)
}

export function statisticsFor(column: string | undefined, sql: string, facts: TableFacts): Statistics | undefined {
  if (column !== undefined) return facts.columns.find(({name}) => name === column)
  return facts.expressions.find((one) => one.sql === sql)
}

/** The share of one value that nobody names. */
export function averageShare({distinct, nullShare}: Statistics): number | undefined {
  return distinct === undefined ? undefined : (1 - (nullShare ?? 0)) / Math.max(1, distinct)
}

function ofValues({given}: Condition, statistics: Statistics): number | undefined {
  if (given.kind !== 'constants') return averageShare(statistics)
  const shares = given.texts.map((text) => ofValue(text, statistics))
  if (shares.some((share) => share === undefined)) return undefined
  return Math.min(
    1,
    shares.reduce<number>((sum, share) => sum + (share ?? 0), 0),
  )
}

function ofValue(text: string, statistics: Statistics): number | undefined {
  const {common, distinct, nullShare} = statistics
  const found = common.find(({value}) => isSame(value, text))
  if (found !== undefined) return found.share
  if (distinct === undefined) return undefined
  const rest = 1 - (nullShare ?? 0) - common.reduce((sum, {share}) => sum + share, 0)
  const left = distinct - common.length
  return left <= 0 ? 0 : Math.max(0, rest) / left
}

/** `7` and `7.0`, `t` and `true`. */
export function isSame(one: string, other: string): boolean {
  if (one === other) return true
  if (one.trim() !== '' && other.trim() !== '' && Number(one) === Number(other)) return true
  const booleans: Readonly<Record<string, string>> = {t: 'true', f: 'false'}
  return (booleans[one] ?? one) === (booleans[other] ?? other)
}
