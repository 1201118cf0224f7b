/** Which indexes another one makes needless; pure. */
import type {IndexFacts} from './indexes.js'

export interface Redundant {
  readonly index: IndexFacts
  /** What does its work. */
  readonly by: IndexFacts
  readonly how: 'duplicate' | 'prefix'
}

/** Each that can go while what makes it needless stays. */
export function redundantIndexes(indexes: readonly IndexFacts[]): readonly Redundant[] {
  const going = new Map<number, Redundant>()
  // Of two that are alike, the one goes that is larger, or was made later.
  const candidates = indexes
    .filter(({needed, unique}) => !needed && !unique)
    .toSorted((one, other) => other.bytes - one.bytes || other.oid - one.oid)
  for (const index of candidates) {
    const others = indexes.filter((other) => other.oid !== index.oid && !going.has(other.oid))
    const twin = others.find((other) => isSubstitute(other, index) && other.keys.length === index.keys.length)
    const longer = others.find((other) => isSubstitute(other, index))
    const by = twin ?? longer
    if (by !== undefined) going.set(index.oid, {index, by, how: by === twin ? 'duplicate' : 'prefix'})
  }
  return indexes.flatMap(({oid}) => going.get(oid) ?? [])
}

/** Only a b-tree can be used by its first keys alone; a partial index does only the work of one with the same predicate. */
function isSubstitute(other: IndexFacts, index: IndexFacts): boolean {
  const sameTable = other.schema === index.schema && other.table === index.table
  if (!sameTable || !other.valid || other.method !== index.method || other.predicate !== index.predicate) return false
  const longer = other.keys.length > index.keys.length
  if (longer && index.method !== 'btree') return false
  return startsWith(other, index) && carriesAll(other, index)
}

function startsWith(other: IndexFacts, index: IndexFacts): boolean {
  const sameKeys = index.keys.every((key, place) => key === other.keys[place])
  const turns = new Set(index.options.map((option, place) => option ^ (other.options[place] ?? 0)))
  // Read backwards, every key is turned, and its nulls with it.
  return sameKeys && turns.size === 1 && (turns.has(0) || (index.method === 'btree' && turns.has(3)))
}

function carriesAll(other: IndexFacts, {include}: IndexFacts): boolean {
  const carried = new Set([...other.include, ...other.keys.map((key) => key.replace(/ \d+ \d+$/, ''))])
  return include.every((column) => carried.has(column))
}
