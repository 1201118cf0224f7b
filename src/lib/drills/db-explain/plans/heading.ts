/** Names a node as EXPLAIN's text form does: JSON keeps in several keys what people read as one (explain.c, ExplainNode). */
import {textOf, type RawNode} from './raw-node.js'
import {typeOf} from './step.js'

const BY_STRATEGY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Aggregate: {Hashed: 'HashAggregate', Sorted: 'GroupAggregate', Mixed: 'MixedAggregate'},
  SetOp: {Hashed: 'HashSetOp'},
}

/** `Parallel Index Scan Backward`, `Partial HashAggregate`, `Hash Left Join`. */
export function headingOf(raw: RawNode): string {
  const words = [partial(raw), raw['Parallel Aware'] === true ? 'Parallel' : '', joined(raw), backward(raw)]
  return words.filter((word) => word !== '').join(' ')
}

function partial(raw: RawNode): string {
  const mode = textOf(raw, 'Partial Mode') ?? 'Simple'
  return mode === 'Simple' ? '' : mode
}

function joined(raw: RawNode): string {
  const type = typeOf(raw)
  const join = textOf(raw, 'Join Type') ?? 'Inner'
  if (join === 'Inner') return BY_STRATEGY[type]?.[textOf(raw, 'Strategy') ?? ''] ?? type
  return type.endsWith(' Join') ? `${type.slice(0, -' Join'.length)} ${join} Join` : `${type} ${join} Join`
}

function backward(raw: RawNode): string {
  return textOf(raw, 'Scan Direction') === 'Backward' ? 'Backward' : ''
}

const SOURCES = ['CTE Name', 'Function Name', 'Table Function Name', 'Tuplestore Name', 'Relations'] as const

/** What it reads where that is no relation. */
export function sourceOf(raw: RawNode): string | undefined {
  if (textOf(raw, 'Relation Name') !== undefined) return undefined
  for (const key of SOURCES) {
    const name = textOf(raw, key)
    if (name !== undefined) return name
  }
  return textOf(raw, 'Alias')
}
