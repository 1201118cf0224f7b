/** Two indexes for special cases: BRIN for what lies in the order of time, hash for what is too wide for a b-tree. Pure. */
import {isTooWide, keyOf, wholeColumn} from './keys.js'
import {designOf, type View, type Wish} from './view.js'

/** pg_stats.correlation from which on neighbouring values are neighbours in the file. */
const IN_ORDER = 0.9
/** Below it there is nothing to save. */
const MANY_ROWS = 100_000

/** Told beside the b-tree: slower, and a hundred times smaller. */
export function brinFor(view: View): readonly Wish[] {
  const {scan, facts} = view
  if ((facts.rows ?? 0) < MANY_ROWS) return []
  const ranges = scan.conditions.filter(({kind}) => kind === 'range').flatMap(({operands}) => operands.slice(0, 1))
  const columns = new Set(ranges.flatMap((operand) => wholeColumn(operand, facts) ?? []))
  return [...columns].flatMap(({name, correlation = 0, ordered, virtual}) => {
    if (Math.abs(correlation) <= IN_ORDER || !ordered || virtual) return []
    const why = `the range of ${name}, whose values lie in order: slower than a b-tree, and far smaller`
    return [{design: designOf(view, [{column: name}], {method: 'brin'}), use: {}, why, alternative: true}]
  })
}

export function hashFor(view: View): readonly Wish[] {
  return view.scan.conditions.flatMap(({kind, operands: [operand]}) => {
    if (kind !== 'equal' || operand === undefined || !isTooWide(operand, view.facts)) return []
    const {key, reason} = keyOf(operand, view)
    if (reason !== undefined) return []
    return [
      {
        design: designOf(view, [key], {method: 'hash'}),
        use: {},
        why: `equality on ${operand.sql}, too wide for a b-tree`,
      },
    ]
  })
}
